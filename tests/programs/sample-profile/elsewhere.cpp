// The other half of shapes.cpp.
namespace
{
__attribute__((noinline)) unsigned local_step(unsigned x)
{
    for (unsigned i = 0; i < 4; i++)
        x ^= x << 1;
    return x;
}
} // namespace

unsigned scale_elsewhere(unsigned value)
{
    unsigned table[16];
    for (unsigned i = 0; i < 16; i++)
        table[i] = value * i + (i & value);
    unsigned sum = 0;
    for (unsigned one : table)
        sum += one & 1 ? one : 0;
    return value & 1 ? local_step(sum) : sum / 3;
}
