#!/usr/bin/env python3
"""Runs another program on the edges of a benchmark: peers.py fraudar|igraph EDGES.bin N_SOURCES N_TARGETS

EDGES.bin holds pairs of 32-bit numbers, little-endian. Prints processor seconds of the call alone, reading and building apart.
fraudar: rgmining-fraudar (Hooi et al.'s own code), log-weighted. igraph: its C core's coreness.
"""
import sys, time, resource, contextlib, io
import numpy as np

peer, path, n_sources, n_targets = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
pairs = np.fromfile(path, dtype="<u4").reshape(-1, 2)
start = time.process_time()


def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


if peer == "fraudar":
    from scipy import sparse
    from fraudar.export import greedy
    m = sparse.coo_matrix((np.ones(len(pairs), dtype=int), (pairs[:, 0], pairs[:, 1])), shape=(n_sources, n_targets)).tocsr()
    built, wall = time.process_time(), time.time()
    with contextlib.redirect_stdout(io.StringIO()):
        (rows, columns), score = greedy.logWeightedAveDegree(m)
    print(f"{'fraudar (Python)':<28}{time.process_time() - built:>10.4f}   wall {time.time() - wall:.1f}, score {score:.6f}, "
          f"{len(rows) + len(columns)} nodes, {peak()} MB")
else:
    import igraph
    pairs = pairs.astype(np.int64)
    pairs[:, 1] += n_sources
    g = igraph.Graph(n=n_sources + n_targets, edges=pairs)
    built, wall = time.process_time(), time.time()
    core = g.coreness()
    print(f"{'igraph coreness':<28}{time.process_time() - built:>10.4f}   wall {time.time() - wall:.1f}, greatest {max(core)}, "
          f"sum {sum(core)}, {peak()} MB, built in {built - start:.1f} s")
    built = time.process_time()
    g.connected_components()
    print(f"{'igraph components':<28}{time.process_time() - built:>10.4f}")
