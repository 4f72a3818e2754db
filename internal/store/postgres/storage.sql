-- What plain PostgreSQL is told of how the tables are used. seen of an item is written in each pass, which stays within its
-- block if there is room; rows come and go with every change, so they are vacuumed early.
ALTER TABLE item SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE record SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.02);
ALTER TABLE content SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.02);
ALTER TABLE member SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.02);
ALTER TABLE log_head SET (fillfactor = 10);
ALTER TABLE source SET (fillfactor = 50);
ALTER TABLE list SET (fillfactor = 50);
