// Generics, closures, trait objects, collections and formatting: much is inlined.
use std::collections::HashMap;

trait Measure {
    fn measure(&self, word: &str) -> u64;
}

struct Length;
struct Vowels {
    extra: char,
}

impl Measure for Length {
    fn measure(&self, word: &str) -> u64 {
        word.len() as u64
    }
}

impl Measure for Vowels {
    fn measure(&self, word: &str) -> u64 {
        word.chars().filter(|c| "aeiou".contains(*c) || *c == self.extra).count() as u64
    }
}

fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
    *state >> 33
}

fn word(state: &mut u64) -> String {
    (0..3 + next(state) % 5).map(|_| (b'a' + (next(state) % 26) as u8) as char).collect()
}

#[inline(never)]
fn score(words: &[String], measures: &[Box<dyn Measure>]) -> u64 {
    words.iter().map(|word| measures.iter().map(|m| m.measure(word)).sum::<u64>()).sum()
}

fn main() {
    let rounds: u64 = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(10);
    let measures: Vec<Box<dyn Measure>> = vec![Box::new(Length), Box::new(Vowels { extra: 'y' })];
    let mut state = 1;
    let mut counts: HashMap<String, u64> = HashMap::new();
    let mut total = 0u64;
    for _ in 0..rounds {
        let mut words: Vec<String> = (0..50).map(|_| word(&mut state)).collect();
        words.sort_unstable();
        total = total.wrapping_add(score(&words, &measures));
        for word in words {
            *counts.entry(word[..2].to_string()).or_default() += 1;
        }
    }
    let mut most: Vec<_> = counts.into_iter().collect();
    most.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    println!("{} {:?}", total, &most[..3]);
}
