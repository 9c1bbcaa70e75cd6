//! rows: a table of sales on standard input (CSV: customer, product, count, price, note) is checked,
//! summed up by customer and product, and written again without what was wrong.  With a first
//! column `day` it is another table, whose days are summed up and sorted.

use std::collections::{BTreeMap, HashMap};
use std::io;

use csv::{ReaderBuilder, StringRecord, Writer};

#[derive(Default)]
struct Sum {
    count: u64,
    cents: u64,
    notes: usize,
}

fn cents_of(price: &str) -> Option<u64> {
    let (whole, part) = price.split_once('.')?;
    Some(whole.parse::<u64>().ok()? * 100 + part.parse::<u64>().ok()?)
}

fn add_sale(record: &StringRecord, sums: &mut HashMap<(String, String), Sum>) -> bool {
    let (Some(count), Some(cents)) = (
        record.get(2).and_then(|count| count.parse::<u64>().ok()),
        record.get(3).and_then(cents_of),
    ) else {
        return false;
    };
    let sum = sums.entry((record[0].trim().to_string(), record[1].to_lowercase())).or_default();
    sum.count += count;
    sum.cents += count * cents;
    sum.notes += record[4].split(' ').filter(|word| !word.is_empty()).count();
    true
}

fn add_day(record: &StringRecord, days: &mut BTreeMap<String, Vec<f64>>) {
    let values = record.iter().skip(1).filter_map(|field| field.parse::<f64>().ok());
    days.entry(record[0].to_string()).or_default().extend(values);
}

fn main() -> csv::Result<()> {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(io::stdin().lock());
    let of_days = reader.headers()?.get(0) == Some("day");
    let mut writer = Writer::from_writer(Vec::new());
    let (mut sums, mut days) = (HashMap::new(), BTreeMap::new());
    let (mut wrong, mut record) = (0, StringRecord::new());
    while reader.read_record(&mut record)? {
        if of_days {
            add_day(&record, &mut days);
        } else if record.len() == 5 && add_sale(&record, &mut sums) {
            writer.write_record(&record)?;
        } else {
            wrong += 1;
        }
    }
    for (day, mut values) in days {
        values.sort_by(f64::total_cmp);
        let median = values.get(values.len() / 2).copied().unwrap_or(0.0);
        writer.write_record([day, format!("{median:.3}"), values.len().to_string()])?;
    }
    let total: u64 = sums.values().map(|sum| sum.cents).sum();
    let (count, notes) = sums.values().fold((0, 0), |(c, n), sum| (c + sum.count, n + sum.notes));
    writer.flush()?;
    let bytes = writer.into_inner().map_or(0, |written| written.len());
    println!("{} sums, {count} pieces, {total} cents, {notes} words, {wrong} wrong, {bytes} bytes", sums.len());
    Ok(())
}
