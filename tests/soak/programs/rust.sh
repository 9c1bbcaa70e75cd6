# A server in Rust: threads with small signal stacks.
tools="rustc"

run_program() {
    cat >soak.rs <<'RUST'
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn answer(stream: TcpStream) {
    let mut writer = stream.try_clone().unwrap();
    for line in BufReader::new(stream).lines() {
        let Ok(line) = line else { return };
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for i in 0..2000u64 {
            *counts.entry(format!("{}-{}", line, i % 101)).or_default() += i * i;
        }
        let sum = counts.iter().fold(7u64, |s, (k, v)| s.wrapping_mul(31).wrapping_add(k.len() as u64 * v));
        writeln!(writer, "{sum}").unwrap();
    }
}

fn main() {
    let scale: u32 = std::env::args().nth(1).unwrap().parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || for stream in listener.incoming() {
        thread::spawn(move || answer(stream.unwrap()));
    });
    let clients: Vec<_> = (0..4).map(|n| thread::spawn(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut sum = 0u64;
        for turn in 0..400 * scale {
            writeln!(stream, "{n}:{turn}").unwrap();
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            sum = sum.wrapping_mul(33).wrapping_add(line.trim().parse().unwrap());
        }
        sum
    })).collect();
    for client in clients {
        println!("{}", client.join().unwrap());
    }
    let caught = thread::spawn(|| panic!("as it should")).join().is_err();
    println!("{caught}");
    std::process::exit(8);
}
RUST
    rustc -O -o soak soak.rs || return 1
    start ./soak "$scale" >out 2>log
    echo $? >status
}
