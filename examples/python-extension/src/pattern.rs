//! File names with `*` and `?`.

/// Whether `pattern` is all of `name`.
pub fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut p, mut n) = (0, 0);
    let mut star = None; // where the last `*` is, and where the name was then
    while n < name.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, n));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == name[n]) {
            p += 1;
            n += 1;
        } else if let Some((star_at, from)) = star {
            star = Some((star_at, from + 1));
            p = star_at + 1;
            n = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&left| left == b'*')
}

#[test]
fn stars_take_as_much_as_they_have_to() {
    for (pattern, name) in [
        ("*.o", "a.o.o"),
        ("a*b*c", "aXbYbZc"),
        ("?", "x"),
        ("*", ""),
    ] {
        assert!(matches(pattern, name), "{pattern} {name}");
    }
    for (pattern, name) in [("*.o", "a.oo"), ("a*b", "ac"), ("?", ""), ("", "x")] {
        assert!(!matches(pattern, name), "{pattern} {name}");
    }
}
