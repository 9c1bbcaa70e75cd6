# A virtual machine: compiled code that changes, threads, signals in place of checks.
tools="java"

run_program() {
    cat >Work.java <<'JAVA'
import java.util.*;
import java.util.concurrent.*;

public class Work {
    static long chain(long n) {
        long length = 0;
        while (n != 1) { n = (n & 1) == 0 ? n / 2 : 3 * n + 1; length++; }
        return length;
    }
    static int depth(int n) { return n + depth(n + 1); }
    public static void main(String[] arguments) throws Exception {
        int scale = Integer.parseInt(arguments[0]);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Future<Long>> sums = new ArrayList<>();
        for (int part = 0; part < 8; part++) {
            int own = part;
            sums.add(pool.submit(() -> {
                long sum = 0;
                for (int i = own + 1; i < 300000 * scale; i += 8) sum += chain(i);
                return sum;
            }));
        }
        for (Future<Long> sum : sums) System.out.println(sum.get());
        pool.shutdown();
        Map<String, Integer> words = new TreeMap<>();
        for (int i = 0; i < 300000 * scale; i++) words.merge("w" + i % 5000, i, Integer::sum);
        System.out.println(words.hashCode());
        try { depth(0); } catch (StackOverflowError e) { System.out.println("deep"); }
        int[] none = arguments.length > 5 ? new int[1] : null;
        int caught = 0;
        for (int i = 0; i < 20000; i++) try { caught += none[0]; } catch (NullPointerException e) { caught++; }
        System.out.println(caught);
        System.gc();
        System.exit(3);
    }
}
JAVA
    start java Work.java "$scale" >out 2>log
    echo $? >status
}
