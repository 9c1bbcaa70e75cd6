//! packtree for Python: pack(tree, archive, skip=()), unpack(archive, tree), check(archive).
//! Each returns (files, bytes), and lets other Python threads run meanwhile.

mod archive;
mod pattern;

use std::path::PathBuf;

use pyo3::prelude::*;

#[pyfunction]
#[pyo3(signature = (tree, archive, skip = Vec::new()))]
fn pack(
    python: Python,
    tree: PathBuf,
    archive: PathBuf,
    skip: Vec<String>,
) -> PyResult<(u64, u64)> {
    Ok(python.detach(|| archive::pack(&tree, &archive, &skip))?)
}

#[pyfunction]
fn unpack(python: Python, archive: PathBuf, tree: PathBuf) -> PyResult<(u64, u64)> {
    Ok(python.detach(|| {
        archive::read(&archive, |name, bytes| {
            archive::write_file(&tree, name, bytes)
        })
    })?)
}

#[pyfunction]
fn check(python: Python, archive: PathBuf) -> PyResult<(u64, u64)> {
    Ok(python.detach(|| archive::read(&archive, |_, _| Ok(())))?)
}

#[pymodule]
fn packtree(module: &Bound<PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(pack, module)?)?;
    module.add_function(wrap_pyfunction!(unpack, module)?)?;
    module.add_function(wrap_pyfunction!(check, module)?)
}
