//! stats PATH...: notes, length, key and polyphony of MIDI files and folders of them, a line each.

use std::{
    env,
    error::Error,
    fs,
    io::{self, BufWriter, Write},
    path::Path,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut output = BufWriter::new(io::stdout().lock());
    for path in env::args_os().skip(1) {
        for file in score::files_at(Path::new(&path))? {
            let name = file.display();
            let notes =
                score::notes_of(&fs::read(&file)?).map_err(|error| format!("{name}: {error}"))?;
            let (tonic, mode) = score::key_of(&notes);
            let end = notes
                .iter()
                .map(|note| note.start + note.seconds)
                .fold(0.0, f64::max);
            let (count, most) = (notes.len(), score::polyphony(&notes));
            writeln!(
                output,
                "{name}: {count} notes, {end:.1} s, {tonic} {mode}, {most} at once"
            )?;
        }
    }
    Ok(output.flush()?)
}
