//! Range bars: each spans the same range of prices, however long that takes.

use crate::ticks::{Price, Tick};

pub struct Bar {
    pub start: i64,
    pub end: i64,
    pub open: Price,
    pub high: Price,
    pub low: Price,
    pub close: Price,
    pub volume: f64,
    pub ticks: u64,
}

pub struct Builder {
    range: Price,
    bars: Vec<Bar>,
    open: Option<Bar>,
}

impl Builder {
    pub fn new(range: Price) -> Builder {
        Builder {
            range,
            bars: Vec::new(),
            open: None,
        }
    }

    pub fn add(
        &mut self,
        Tick {
            time,
            price,
            volume,
        }: Tick,
    ) {
        let bar = self.open.get_or_insert(Bar {
            start: time,
            end: time,
            open: price,
            high: price,
            low: price,
            close: price,
            volume: 0.0,
            ticks: 0,
        });
        bar.end = time;
        bar.high = bar.high.max(price);
        bar.low = bar.low.min(price);
        bar.close = price;
        bar.volume += volume;
        bar.ticks += 1;
        if bar.high.reaches(bar.low, self.range) {
            self.bars.extend(self.open.take());
        }
    }

    /// All bars, the last maybe not full.
    pub fn finish(mut self) -> Vec<Bar> {
        self.bars.extend(self.open);
        self.bars
    }
}
