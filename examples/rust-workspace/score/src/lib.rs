//! What a Standard MIDI File plays: notes with their times in seconds.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use midly::{Header, MetaMessage, MidiMessage, Timing, TrackEventKind};

/// The MIDI files of a folder in order of their names, or the one file.
pub fn files_at(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.into()]);
    }
    let mut files = fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|suffix| suffix == "mid"));
    files.sort();
    Ok(files)
}

pub struct Note {
    pub start: f64,
    pub seconds: f64,
    pub channel: u8,
    pub key: u8,
    pub velocity: u8,
}

/// Ticks to seconds, over all changes of tempo.
struct Tempo {
    changes: Vec<(u64, f64, f64)>, // from this tick, which is at this second, seconds a tick
}

impl Tempo {
    fn new(header: &Header, mut changes: Vec<(u64, u32)>) -> Tempo {
        let seconds_a_tick = |micros: u32| match header.timing {
            Timing::Metrical(ticks) => f64::from(micros) / 1e6 / f64::from(ticks.as_int()),
            Timing::Timecode(rate, parts) => 1.0 / f64::from(rate.as_f32()) / f64::from(parts),
        };
        changes.sort();
        let mut tempo = Tempo {
            changes: vec![(0, 0.0, seconds_a_tick(500_000))],
        };
        for (tick, micros) in changes {
            let second = tempo.seconds(tick);
            tempo.changes.push((tick, second, seconds_a_tick(micros)));
        }
        tempo
    }

    fn seconds(&self, tick: u64) -> f64 {
        let after = self.changes.partition_point(|change| change.0 <= tick);
        let (from, second, rate) = self.changes[after - 1];
        second + (tick - from) as f64 * rate
    }
}

/// All notes of all tracks, in order of their starts; what is never released is left out.
pub fn notes_of(file: &[u8]) -> Result<Vec<Note>, midly::Error> {
    let (header, tracks) = midly::parse(file)?;
    let mut changes = Vec::new();
    let mut ticks = Vec::new(); // start, end, channel, key, velocity
    for track in tracks {
        let mut pressed = vec![None; 16 * 128];
        let mut now = 0u64;
        for event in track? {
            let event = event?;
            now += u64::from(event.delta.as_int());
            match event.kind {
                TrackEventKind::Meta(MetaMessage::Tempo(micros)) => {
                    changes.push((now, micros.as_int()))
                }
                TrackEventKind::Midi { channel, message } => {
                    let (key, velocity) = match message {
                        MidiMessage::NoteOn { key, vel } => (key.as_int(), vel.as_int()),
                        MidiMessage::NoteOff { key, .. } => (key.as_int(), 0),
                        _ => continue,
                    };
                    let place =
                        &mut pressed[usize::from(channel.as_int()) * 128 + usize::from(key)];
                    if let Some((start, velocity)) = place.take() {
                        ticks.push((start, now, channel.as_int(), key, velocity));
                    }
                    if velocity > 0 {
                        *place = Some((now, velocity));
                    }
                }
                _ => {}
            }
        }
    }
    ticks.sort_unstable();
    let tempo = Tempo::new(&header, changes);
    Ok(ticks
        .into_iter()
        .map(|(start, end, channel, key, velocity)| {
            let second = tempo.seconds(start);
            Note {
                start: second,
                seconds: tempo.seconds(end) - second,
                channel,
                key,
                velocity,
            }
        })
        .collect())
}

/// The key of a piece: its pitches against Krumhansl's profiles of major and minor.
pub fn key_of(notes: &[Note]) -> (&'static str, &'static str) {
    const NAMES: [&str; 12] = [
        "C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B",
    ];
    const MAJOR: [f64; 12] = [
        6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88,
    ];
    const MINOR: [f64; 12] = [
        6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17,
    ];
    let mut weights = [0.0; 12];
    for note in notes.iter().filter(|note| note.channel != 9) {
        weights[usize::from(note.key % 12)] += note.seconds;
    }
    let fit = |profile: &[f64; 12], tonic: usize| -> f64 {
        let mean = profile.iter().sum::<f64>() / 12.0;
        (0..12)
            .map(|pitch| weights[(tonic + pitch) % 12] * (profile[pitch] - mean))
            .sum()
    };
    let mut best = (f64::MIN, 0, "major");
    for tonic in 0..12 {
        for (profile, mode) in [(&MAJOR, "major"), (&MINOR, "minor")] {
            let fit = fit(profile, tonic);
            if fit > best.0 {
                best = (fit, tonic, mode);
            }
        }
    }
    (NAMES[best.1], best.2)
}

/// The most notes that sound at once.
pub fn polyphony(notes: &[Note]) -> usize {
    let mut ends: Vec<f64> = notes.iter().map(|note| note.start + note.seconds).collect();
    ends.sort_unstable_by(f64::total_cmp);
    let mut ended = 0;
    let mut most = 0;
    for (started, note) in notes.iter().enumerate() {
        while ended < ends.len() && ends[ended] <= note.start {
            ended += 1;
        }
        most = most.max((started + 1).saturating_sub(ended));
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two notes of a quarter at 120 beats a minute, the second a beat after the first.
    const PIECE: &[u8] = b"MThd\0\0\0\x06\0\0\0\x01\0\x60\
        MTrk\0\0\0\x13\0\x90\x3c\x40\x60\x3c\0\0\x43\x40\x60\x43\0\0\xff\x2f\0";

    #[test]
    fn notes_are_in_seconds() {
        let notes = notes_of(PIECE).unwrap();
        let shown: Vec<_> = notes
            .iter()
            .map(|note| (note.key, note.start, note.seconds))
            .collect();
        assert_eq!(shown, [(60, 0.0, 0.5), (67, 0.5, 0.5)]);
        assert_eq!(polyphony(&notes), 1);
        assert_eq!(key_of(&notes), ("C", "major"));
    }
}
