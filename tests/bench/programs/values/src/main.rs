//! values: a JSON document a line on standard input is read, walked, and written again without
//! what is null.  What was found is summed up.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use serde_json::Value;

#[derive(Default)]
struct Found {
    fields: BTreeMap<String, usize>,
    letters: usize,
    sum: f64,
    deepest: usize,
}

fn walk(value: &mut Value, depth: usize, found: &mut Found) {
    found.deepest = found.deepest.max(depth);
    match value {
        Value::Number(number) => found.sum += number.as_f64().unwrap_or(0.0),
        Value::String(text) => found.letters += text.chars().filter(|c| c.is_alphabetic()).count(),
        Value::Array(items) => {
            items.retain(|item| !item.is_null());
            items.iter_mut().for_each(|item| walk(item, depth + 1, found));
        }
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                *found.fields.entry(name.clone()).or_default() += 1;
                walk(field, depth + 1, found);
            }
        }
        Value::Null | Value::Bool(_) => (),
    }
}

fn main() -> io::Result<()> {
    let (mut found, mut bytes, mut wrong) = (Found::default(), 0, 0);
    for line in io::stdin().lock().lines() {
        match serde_json::from_str::<Value>(&line?) {
            Ok(mut value) => {
                walk(&mut value, 0, &mut found);
                bytes += value.to_string().len();
            }
            Err(_) => wrong += 1,
        }
    }
    let Found { fields, letters, sum, deepest } = found;
    println!("{} names, {letters} letters, {sum:.2}, {deepest} deep, {wrong} wrong, {bytes} bytes", fields.len());
    Ok(())
}
