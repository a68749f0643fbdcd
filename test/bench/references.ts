/** Figures of other systems, from the same kind of machine, with the load beside the server. */
export const REFERENCES = `To compare with, from the same kind of machine, the load beside the server (pairs: 50, ten messages under way in each):

                                   pairs, messages/s   CPU s per 1,000   idle pair   group of 100, deliveries/s
  ejabberd, nothing stored         3,200–4,000         0.20–0.28         0.24 ms     9,000–13,000
  ejabberd, with its archive       144–281
  Tinode on PostgreSQL, stored     1,330 (p50 374 ms)  0.97              1.7 ms      24,000 (0.04 CPU s per 1,000)
  a bare skeleton of this system   3,900               0.18 + 0.14       9–11 ms     20,000 with 10 under way, 77,000 with 50

The skeleton's CPU is workerd's and the gateway's; Tinode's is with its database.`;
