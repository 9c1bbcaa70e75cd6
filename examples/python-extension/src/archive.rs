//! The archive: for each file the length of its name, its name, the length of its
//! contents as a zlib stream (which ends in a checksum), and that stream.  Lengths are
//! 32 bits, little-endian; files are in order of their names.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Component, Path, PathBuf};

use miniz_oxide::{deflate::compress_to_vec_zlib, inflate::decompress_to_vec_zlib};

use crate::pattern;

const LEVEL: u8 = 6;

fn broken(why: impl ToString) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_string())
}

fn files_below(directory: &Path, skip: &[String], found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if skip
            .iter()
            .any(|one| pattern::matches(one, &name.to_string_lossy()))
        {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            files_below(&entry.path(), skip, found)?;
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    Ok(())
}

fn write_part(output: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(broken)?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(bytes)
}

/// None at the end of the input.
fn read_part(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    if input.read(&mut length[..1])? == 0 {
        return Ok(None);
    }
    input.read_exact(&mut length[1..])?;
    let length = u32::from_le_bytes(length).into();
    let mut bytes = Vec::new();
    if input.take(length).read_to_end(&mut bytes)? as u64 != length {
        return Err(broken("the archive ends in the middle of a file"));
    }
    Ok(Some(bytes))
}

/// Everything below `tree` but what is named like one of `skip`; (files, bytes).
pub fn pack(tree: &Path, archive: &Path, skip: &[String]) -> io::Result<(u64, u64)> {
    let mut files = Vec::new();
    files_below(tree, skip, &mut files)?;
    files.sort();
    let mut output = BufWriter::new(File::create(archive)?);
    let mut total = 0;
    for file in &files {
        let contents = fs::read(file)?;
        let name = file.strip_prefix(tree).map_err(broken)?;
        write_part(&mut output, name.as_os_str().as_encoded_bytes())?;
        write_part(&mut output, &compress_to_vec_zlib(&contents, LEVEL))?;
        total += contents.len() as u64;
    }
    output.flush()?;
    Ok((files.len() as u64, total))
}

/// Calls `each` with the name and the checked contents of every file; (files, bytes).
pub fn read(
    archive: &Path,
    mut each: impl FnMut(&str, &[u8]) -> io::Result<()>,
) -> io::Result<(u64, u64)> {
    let mut input = BufReader::new(File::open(archive)?);
    let (mut files, mut total) = (0, 0);
    while let Some(name) = read_part(&mut input)? {
        let name = String::from_utf8(name).map_err(broken)?;
        let stream = read_part(&mut input)?.ok_or_else(|| broken("a file without contents"))?;
        let contents =
            decompress_to_vec_zlib(&stream).map_err(|why| broken(format!("{name}: {why}")))?;
        each(&name, &contents)?;
        files += 1;
        total += contents.len() as u64;
    }
    Ok((files, total))
}

/// Refuses names that lead out of `tree`.
pub fn write_file(tree: &Path, name: &str, contents: &[u8]) -> io::Result<()> {
    let inside = Path::new(name)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if !inside {
        return Err(broken(format!("{name} leads out of the tree")));
    }
    let path = tree.join(name);
    fs::create_dir_all(path.parent().unwrap_or(tree))?;
    fs::write(path, contents)
}
