//! transform SEMITONES GRID PATH...: MIDI files, and those of folders, transposed, and their notes
//! moved to multiples of GRID ticks, one after another on standard output.

use std::{
    env,
    error::Error,
    fs,
    io::{self, BufWriter, Write},
    path::Path,
};

use midly::{num::u7, MidiMessage, Smf, TrackEvent, TrackEventKind};

const DRUMS: u8 = 9;

fn transposed(key: u7, semitones: i16) -> u7 {
    let key = i16::from(key.as_int()) + semitones;
    u7::new(key.clamp(0, 127) as u8)
}

/// Events stay in order: none moves before the one that it follows.
fn transform(track: &mut [TrackEvent], semitones: i16, grid: u64) {
    let (mut now, mut written) = (0u64, 0u64);
    for event in track {
        now += u64::from(event.delta.as_int());
        let mut at = now;
        if let TrackEventKind::Midi { channel, message } = &mut event.kind {
            match message {
                MidiMessage::NoteOn { key, .. } | MidiMessage::NoteOff { key, .. } => {
                    at = (now + grid / 2) / grid * grid;
                    if channel.as_int() != DRUMS {
                        *key = transposed(*key, semitones);
                    }
                }
                MidiMessage::Aftertouch { key, .. } if channel.as_int() != DRUMS => {
                    *key = transposed(*key, semitones);
                }
                _ => {}
            }
        }
        let at = at.max(written);
        event.delta = ((at - written) as u32).into();
        written = at;
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [semitones, grid, paths @ ..] = &arguments[..] else {
        return Err("usage: transform SEMITONES GRID PATH...".into());
    };
    let semitones = semitones.parse()?;
    let grid = grid.parse::<u64>()?.max(1);
    let mut output = BufWriter::new(io::stdout().lock());
    for path in paths {
        for name in score::files_at(Path::new(path))? {
            let file = fs::read(&name)?;
            let mut piece =
                Smf::parse(&file).map_err(|error| format!("{}: {error}", name.display()))?;
            for track in &mut piece.tracks {
                transform(track, semitones, grid);
            }
            piece.write_std(&mut output)?;
        }
    }
    Ok(output.flush()?)
}
