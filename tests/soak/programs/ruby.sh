# An interpreter with fibers and a timer thread of its own.
tools="ruby"

run_program() {
    cat >work.rb <<'RUBY'
require 'digest'
words = Hash.new(0)
(200_000 * ARGV[0].to_i).times { |i| words["w#{i % 4999}".reverse] += i }
puts Digest::SHA256.hexdigest(words.sort.to_s)
fibers = (1..200).map { |n| Fiber.new { 200.times { |i| Fiber.yield n * i }; 0 } }
puts 100.times.sum { fibers.sum(&:resume) }
threads = (1..4).map { |n| Thread.new { (1..100_000).reduce { |a, b| (a * 31 + b * n) % 1_000_003 } } }
puts threads.map(&:value).inspect
trap('USR1') { puts 'signal' }
Process.kill('USR1', Process.pid)
sleep 0.01
puts `echo child`
exit 6
RUBY
    start ruby work.rb "$scale" >out 2>log
    echo $? >status
}
