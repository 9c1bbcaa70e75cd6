//! libscore_plugin.so: the shared crate for hosts in other languages.

/// What a host shows of a file.
#[repr(C)]
#[derive(Default)]
pub struct Summary {
    pub notes: u64,
    pub polyphony: u64,
    pub seconds: f64,
}

/// Summarises the MIDI file of `size` bytes at `file`; false where it is none.
///
/// # Safety
/// `file` and `summary` are valid for their sizes.
#[no_mangle]
pub unsafe extern "C" fn score_summarise(
    file: *const u8,
    size: usize,
    summary: *mut Summary,
) -> bool {
    let file = unsafe { std::slice::from_raw_parts(file, size) };
    let Ok(notes) = score::notes_of(file) else {
        return false;
    };
    let found = Summary {
        notes: notes.len() as u64,
        polyphony: score::polyphony(&notes) as u64,
        seconds: notes
            .iter()
            .map(|note| note.start + note.seconds)
            .fold(0.0, f64::max),
    };
    unsafe { summary.write(found) };
    true
}
