//! Ticks from CSV: time (milliseconds), price, volume, and a line of these names first.

use std::{fmt, path::Path};

/// A price in millionths, so that sums and comparisons are exact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(i64);

const SCALE: i64 = 1_000_000;
const DIGITS: usize = 6;

impl Price {
    pub fn from_float(price: f64) -> Price {
        Price((price * SCALE as f64).round() as i64)
    }

    pub fn as_float(self) -> f64 {
        self.0 as f64 / SCALE as f64
    }

    /// The multiple of `step` that is not above it.
    pub fn floor(self, step: Price) -> Price {
        Price(self.0.div_euclid(step.0.max(1)) * step.0.max(1))
    }

    pub fn reaches(self, low: Price, range: Price) -> bool {
        self.0 - low.0 >= range.0
    }

    /// `123.45`; None for more than six decimals, signs, exponents and what is no number.
    fn parse(text: &[u8]) -> Option<Price> {
        let mut value: i64 = 0;
        let mut decimals = None;
        for &letter in text {
            match letter {
                b'0'..=b'9' => {
                    value = value
                        .checked_mul(10)?
                        .checked_add(i64::from(letter - b'0'))?;
                    decimals = decimals.map(|count: usize| count + 1);
                }
                b'.' if decimals.is_none() => decimals = Some(0),
                _ => return None,
            }
        }
        let missing = DIGITS.checked_sub(decimals.unwrap_or(0))?;
        (!text.is_empty()).then_some(Price(value.checked_mul(10i64.pow(missing as u32))?))
    }
}

pub struct Tick {
    pub time: i64,
    pub price: Price,
    pub volume: f64,
}

pub enum Error {
    Csv(csv::Error),
    Line(u64, &'static str),
}

impl fmt::Display for Error {
    fn fmt(&self, output: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Error::Csv(error) => error.fmt(output),
            Error::Line(line, what) => write!(output, "line {line}: no {what}"),
        }
    }
}

/// Calls `f` with each tick of the file.
pub fn each(path: &Path, mut f: impl FnMut(Tick)) -> Result<(), Error> {
    let mut reader = csv::ReaderBuilder::new()
        .from_path(path)
        .map_err(Error::Csv)?;
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(Error::Csv)? {
        let wrong = |what| {
            Error::Line(
                record.position().map_or(0, |position| position.line()),
                what,
            )
        };
        let number = |at: usize| {
            record
                .get(at)
                .and_then(|field| std::str::from_utf8(field).ok())
        };
        f(Tick {
            time: number(0)
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| wrong("time"))?,
            price: record
                .get(1)
                .and_then(Price::parse)
                .ok_or_else(|| wrong("price"))?,
            volume: number(2)
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| wrong("volume"))?,
        });
    }
    Ok(())
}
