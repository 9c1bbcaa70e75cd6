//! rangebars for Python: bars(path, range) and volume_profile(path, range).

mod builder;
mod ticks;

use std::path::PathBuf;

use pyo3::{exceptions::PyValueError, prelude::*};

use builder::{Bar, Builder};

/// A bar as Python sees it: start, end, open, high, low, close, volume, ticks.
type Row = (i64, i64, f64, f64, f64, f64, f64, u64);

fn bars_of(path: &PathBuf, range: f64) -> Result<Vec<Bar>, ticks::Error> {
    let mut builder = Builder::new(ticks::Price::from_float(range));
    ticks::each(path, |tick| builder.add(tick))?;
    Ok(builder.finish())
}

/// All range bars of a file of ticks (time,price,volume): a bar ends where its high is `range` above its low.
#[pyfunction]
fn bars(python: Python, path: PathBuf, range: f64) -> PyResult<Vec<Row>> {
    let bars = python
        .detach(|| bars_of(&path, range))
        .map_err(|error| PyValueError::new_err(format!("{}: {error}", path.display())))?;
    Ok(bars.iter().map(row).collect())
}

fn row(bar: &Bar) -> Row {
    let [open, high, low, close] =
        [bar.open, bar.high, bar.low, bar.close].map(ticks::Price::as_float);
    (
        bar.start, bar.end, open, high, low, close, bar.volume, bar.ticks,
    )
}

/// Volume by price over all bars, the price rounded down to multiples of `range`.
#[pyfunction]
fn volume_profile(python: Python, path: PathBuf, range: f64) -> PyResult<Vec<(f64, f64)>> {
    let mut volumes = std::collections::BTreeMap::new();
    let step = ticks::Price::from_float(range);
    python
        .detach(|| {
            ticks::each(&path, |tick| {
                *volumes.entry(tick.price.floor(step)).or_insert(0.0) += tick.volume
            })
        })
        .map_err(|error| PyValueError::new_err(format!("{}: {error}", path.display())))?;
    Ok(volumes
        .into_iter()
        .map(|(price, volume)| (price.as_float(), volume))
        .collect())
}

#[pymodule]
fn rangebars(module: &Bound<PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(bars, module)?)?;
    module.add_function(wrap_pyfunction!(volume_profile, module)?)
}
