//! pages: Markdown documents on standard input, a form feed between them, become HTML on
//! standard output.  Headings get anchors; --contents puts a list of them before each page.

use std::io::{self, BufRead, BufWriter, Write};

use pulldown_cmark::{html, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

const PAGE_END: u8 = b'\x0c';

struct Heading {
    level: HeadingLevel,
    words: String,
    anchor: String,
}

/// `Why, and how?` becomes `why-and-how`.
fn anchor_of(words: &str) -> String {
    let mut anchor = String::with_capacity(words.len());
    for letter in words.chars() {
        if letter.is_alphanumeric() {
            anchor.extend(letter.to_lowercase());
        } else if !anchor.is_empty() && !anchor.ends_with('-') {
            anchor.push('-');
        }
    }
    anchor.truncate(anchor.trim_end_matches('-').len());
    anchor
}

/// Gives every heading its anchor, and returns them all in order.
fn anchor_headings(events: &mut [Event]) -> Vec<Heading> {
    let mut headings = Vec::new();
    let mut opened = None;
    let mut words = String::new();
    for at in 0..events.len() {
        match &events[at] {
            Event::Start(Tag::Heading { .. }) => {
                opened = Some(at);
                words.clear();
            }
            Event::Text(text) | Event::Code(text) if opened.is_some() => words.push_str(text),
            Event::End(TagEnd::Heading(level)) => {
                let (level, anchor) = (*level, anchor_of(&words));
                if let Some(Event::Start(Tag::Heading { id, .. })) =
                    opened.take().map(|start| &mut events[start])
                {
                    *id = Some(anchor.clone().into());
                }
                headings.push(Heading {
                    level,
                    words: words.clone(),
                    anchor,
                });
            }
            _ => {}
        }
    }
    headings
}

fn write_contents(headings: &[Heading], output: &mut impl Write) -> io::Result<()> {
    writeln!(output, "<ul class=\"contents\">")?;
    for Heading {
        level,
        words,
        anchor,
    } in headings
    {
        writeln!(
            output,
            "<li class=\"{level}\"><a href=\"#{anchor}\">{words}</a></li>"
        )?;
    }
    writeln!(output, "</ul>")
}

fn main() -> io::Result<()> {
    let with_contents = std::env::args()
        .skip(1)
        .any(|argument| argument == "--contents");
    let mut input = io::stdin().lock();
    let mut output = BufWriter::new(io::stdout().lock());
    let mut bytes = Vec::new();
    let mut page = String::new();

    while input.read_until(PAGE_END, &mut bytes)? > 0 {
        let document = std::str::from_utf8(bytes.strip_suffix(&[PAGE_END]).unwrap_or(&bytes))
            .map_err(io::Error::other)?;
        let mut events: Vec<Event> = Parser::new_ext(document, Options::all()).collect();
        let headings = anchor_headings(&mut events);
        if with_contents {
            write_contents(&headings, &mut output)?;
        }
        html::push_html(&mut page, events.into_iter());
        output.write_all(page.as_bytes())?;
        bytes.clear();
        page.clear();
    }
    output.flush()
}
