/* The bare limit of a trace: breadth-first search over arrays in memory (compressed rows), with what was shipped.

   `offsets[n] .. offsets[n + 1]` are the places in `targets` of what lot n leads to; `stamp` marks what was seen in
   this round, so that nothing has to be cleared between two searches.  Compiled by benchmarks/_graph.py. */

#include <stdint.h>

/* Sort links by where they begin; `offsets` has `lots + 1` places and begins as zeros. */
void arrange(uint32_t lots, uint32_t links, const uint32_t *from, const uint32_t *to, uint32_t *offsets,
             uint32_t *targets)
{
    for (uint32_t link = 0; link < links; link++)
        offsets[from[link] + 1]++;
    for (uint32_t lot = 0; lot < lots; lot++)
        offsets[lot + 1] += offsets[lot];
    for (uint32_t link = links; link-- > 0;) {
        uint32_t place = offsets[from[link] + 1] - 1;
        targets[place] = to[link];
        offsets[from[link] + 1] = place;
    }
    /* the second pass left each offset one lot too far to the right */
    for (uint32_t lot = 0; lot < lots; lot++)
        offsets[lot] = offsets[lot + 1];
    offsets[lots] = links;
}

/* All lots reached from `start`, into `found`; the lines shipped of them into `lines`.  Answers how many lots. */
uint32_t search(uint32_t start, const uint32_t *offsets, const uint32_t *targets, const uint32_t *line_offsets,
                const uint32_t *line_targets, uint32_t *stamp, uint32_t round, uint32_t *found, uint32_t *lines,
                uint32_t *shipped)
{
    uint32_t head = 0, tail = 0, count = 0;
    found[tail++] = start;
    stamp[start] = round;
    while (head < tail) {
        uint32_t lot = found[head++];
        for (uint32_t place = offsets[lot]; place < offsets[lot + 1]; place++) {
            uint32_t other = targets[place];
            if (stamp[other] != round) {
                stamp[other] = round;
                found[tail++] = other;
            }
        }
        for (uint32_t place = line_offsets[lot]; place < line_offsets[lot + 1]; place++)
            lines[count++] = line_targets[place];
    }
    *shipped = count;
    return tail;
}
