// Too large to be inlined unless it is known to be hot.
fn mix(a: u32, b: u32, kind: u32) -> u32 {
    match kind & 7 {
        0 => a.wrapping_mul(31).wrapping_add(b),
        1 => (a ^ b).wrapping_mul(17).wrapping_add(a >> 3).wrapping_add(rare(a, b)),
        2 => a.wrapping_sub(b.wrapping_mul(5)).wrapping_add(b << 2).wrapping_add(rare(b, a)),
        3 => (a | b).wrapping_mul(3).wrapping_add((a & b).wrapping_mul(7)).wrapping_add(rare(a, b)),
        4 => a.wrapping_mul(b).wrapping_add((a >> 5).wrapping_mul(9)).wrapping_add(rare(a, b)),
        5 => ((a << 7) ^ (b >> 3) ^ a.wrapping_mul(11)).wrapping_add(rare(a, b)),
        6 => (a / (b | 1)).wrapping_add(b % (a | 1)).wrapping_add(rare(a, b)),
        _ => a.wrapping_add(b).wrapping_mul(a ^ 0x55).wrapping_add(rare(a, b)),
    }
}

#[inline(never)]
fn rare(mut a: u32, b: u32) -> u32 {
    let mut sum = 0u32;
    while a != 0 {
        sum = sum.wrapping_add(a & b);
        a >>= 1;
    }
    sum
}

#[inline(never)]
fn work(rounds: u32, kind: u32) -> u32 {
    let mut sum = 1u32;
    for i in 0..rounds {
        sum = mix(sum, i, kind);
        if sum % 1000 == 999 {
            sum = sum.wrapping_add(mix(i, sum, kind.wrapping_add(i)));
        }
        sum ^= mix(i, sum, kind);
    }
    sum
}

fn main() {
    let words: Vec<u32> = std::env::args().skip(1).map(|word| word.parse().unwrap()).collect();
    println!("{}", work(words[0], words[1]));
}
