-- Form 1. Rows of facts have ids that hold their file (upper half) and their count within it, so that a file's rows stand together
-- and the file is known without a column. `key` names what a row speaks of, `live` whether it counts (0 or 1; 2 for a post with
-- older versions; a bit a figure where figures have versions of their own). Times are milliseconds, days are counted from 1970.

CREATE TABLE setting(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE word(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE forgotten(mark TEXT PRIMARY KEY, at INTEGER) WITHOUT ROWID;
CREATE TABLE page(id INTEGER PRIMARY KEY, network TEXT NOT NULL, handle TEXT NOT NULL, name TEXT, folded TEXT NOT NULL,
  UNIQUE(network, folded));
CREATE TABLE import(id INTEGER PRIMARY KEY AUTOINCREMENT, imported_at INTEGER NOT NULL, version TEXT NOT NULL, options TEXT,
  n_facts INTEGER NOT NULL DEFAULT 0, undone_at INTEGER);
CREATE TABLE reading(id INTEGER PRIMARY KEY AUTOINCREMENT, import_id INTEGER NOT NULL, importer TEXT NOT NULL, yields TEXT NOT NULL,
  page_id INTEGER NOT NULL, first_file INTEGER NOT NULL, as_of INTEGER NOT NULL, as_of_from TEXT NOT NULL, exported_at INTEGER,
  is_list INTEGER NOT NULL, n_follows INTEGER NOT NULL, n_expected INTEGER, list_order TEXT, time_quality TEXT,
  place INTEGER, is_current INTEGER NOT NULL DEFAULT 0);
CREATE INDEX reading_place ON reading(page_id, place);
CREATE TABLE file(id INTEGER PRIMARY KEY AUTOINCREMENT, import_id INTEGER NOT NULL, reading_id INTEGER NOT NULL,
  page_id INTEGER NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL, n_rows INTEGER NOT NULL, n_taken INTEGER NOT NULL,
  n_rejected INTEGER NOT NULL, as_of INTEGER NOT NULL, as_of_from TEXT NOT NULL, rank INTEGER);
CREATE INDEX file_reading ON file(reading_id);
CREATE INDEX file_sha256 ON file(sha256);
CREATE TABLE reject(file_id INTEGER NOT NULL, line INTEGER NOT NULL, why TEXT NOT NULL);
CREATE TABLE note(import_id INTEGER NOT NULL, text TEXT NOT NULL);

CREATE TABLE follow(id INTEGER PRIMARY KEY, line INTEGER NOT NULL, key INTEGER NOT NULL, account_id TEXT, handle TEXT,
  display_name TEXT, display_name_length INTEGER, follow_rank INTEGER, followed_at INTEGER, created_at INTEGER,
  followers INTEGER, following INTEGER, posts INTEGER, likes INTEGER, listed INTEGER, bio_length INTEGER,
  has_avatar INTEGER, default_profile INTEGER, verified INTEGER, private INTEGER, has_url INTEGER, last_active_at INTEGER,
  language, country);
CREATE TABLE loss(id INTEGER PRIMARY KEY, line INTEGER NOT NULL, key INTEGER NOT NULL, live INTEGER NOT NULL, at INTEGER);
CREATE TABLE loss_key(page INTEGER, key INTEGER, id INTEGER, PRIMARY KEY(page, key, id)) WITHOUT ROWID;
CREATE TABLE day_count(id INTEGER PRIMARY KEY, line INTEGER NOT NULL, key INTEGER NOT NULL, live INTEGER NOT NULL,
  day INTEGER, follows INTEGER, unfollows INTEGER, paid INTEGER, auto_invited INTEGER);
CREATE TABLE day_count_key(page INTEGER, key INTEGER, id INTEGER, PRIMARY KEY(page, key, id)) WITHOUT ROWID;
CREATE TABLE account_day(id INTEGER PRIMARY KEY, line INTEGER NOT NULL, key INTEGER NOT NULL, live INTEGER NOT NULL,
  day INTEGER, followers INTEGER, impressions INTEGER, reach INTEGER, views INTEGER, engagements INTEGER, likes INTEGER,
  comments INTEGER, shares INTEGER, saves INTEGER, clicks INTEGER, profile_visits INTEGER, posts INTEGER, follows INTEGER);
CREATE TABLE account_day_key(page INTEGER, key INTEGER, id INTEGER, PRIMARY KEY(page, key, id)) WITHOUT ROWID;
CREATE TABLE post_day(id INTEGER PRIMARY KEY, line INTEGER NOT NULL, key INTEGER NOT NULL, live INTEGER NOT NULL,
  post_id TEXT, day INTEGER, impressions INTEGER, reach INTEGER, views INTEGER, engagements INTEGER, likes INTEGER,
  comments INTEGER, shares INTEGER, saves INTEGER, clicks INTEGER, profile_visits INTEGER, posts INTEGER, follows INTEGER);
CREATE TABLE post_day_key(page INTEGER, key INTEGER, id INTEGER, PRIMARY KEY(page, key, id)) WITHOUT ROWID;
CREATE TABLE post(id INTEGER PRIMARY KEY, line INTEGER NOT NULL, key INTEGER NOT NULL, live INTEGER NOT NULL, post_id TEXT,
  link TEXT, text TEXT, published_at INTEGER, month INTEGER, weekday INTEGER, hour INTEGER, kind, reach INTEGER,
  fan_reach INTEGER, impressions INTEGER, views INTEGER, engagements INTEGER, likes INTEGER, comments INTEGER,
  shares INTEGER, saves INTEGER, clicks INTEGER, follows INTEGER, paid INTEGER, randomised INTEGER, spend REAL, audience,
  followers INTEGER);
CREATE TABLE post_key(page INTEGER, key INTEGER, id INTEGER, PRIMARY KEY(page, key, id)) WITHOUT ROWID;
CREATE TABLE engagement(id INTEGER PRIMARY KEY, line INTEGER NOT NULL, key INTEGER NOT NULL, live INTEGER NOT NULL,
  at INTEGER, kind, by_page INTEGER, account_id TEXT, handle TEXT, display_name TEXT, post_id TEXT, engagement_id TEXT,
  answers TEXT, text TEXT);
CREATE TABLE engagement_key(page INTEGER, key INTEGER, id INTEGER, PRIMARY KEY(page, key, id)) WITHOUT ROWID;
CREATE TABLE ad(id INTEGER PRIMARY KEY, line INTEGER NOT NULL, key INTEGER NOT NULL, live INTEGER NOT NULL,
  from_day INTEGER, to_day INTEGER, platform, campaign_id, campaign, ad_set_id, ad_set, ad_id TEXT, ad, age, gender,
  interest, region, spend_units INTEGER, spend_places INTEGER, spend_minor INTEGER, currency, impressions INTEGER,
  reach INTEGER, clicks INTEGER, engagements INTEGER, follows INTEGER, conversions REAL, purchases REAL,
  conversion_value_units INTEGER, conversion_value_places INTEGER, conversion_value_minor INTEGER, attribution);
CREATE TABLE ad_key(page INTEGER, key INTEGER, id INTEGER, PRIMARY KEY(page, key, id)) WITHOUT ROWID;
CREATE TABLE sale(id INTEGER PRIMARY KEY, line INTEGER NOT NULL, key INTEGER NOT NULL, live INTEGER NOT NULL,
  order_id TEXT, customer_id TEXT, ordered_at INTEGER, total_units INTEGER, total_places INTEGER, total_minor INTEGER,
  currency, discount_code, came_from, status, refunded_units INTEGER, refunded_places INTEGER, refunded_minor INTEGER,
  email_key TEXT, handle TEXT);
CREATE TABLE sale_key(page INTEGER, key INTEGER, id INTEGER, PRIMARY KEY(page, key, id)) WITHOUT ROWID;
CREATE TABLE sale_line(id INTEGER PRIMARY KEY, line INTEGER NOT NULL, key INTEGER NOT NULL, live INTEGER NOT NULL,
  order_id TEXT, sku, name, quantity_units INTEGER, quantity_places INTEGER, price_units INTEGER, price_places INTEGER,
  price_minor INTEGER, currency);
CREATE TABLE sale_line_key(page INTEGER, key INTEGER, id INTEGER, PRIMARY KEY(page, key, id)) WITHOUT ROWID;
CREATE TABLE refund(id INTEGER PRIMARY KEY, line INTEGER NOT NULL, key INTEGER NOT NULL, live INTEGER NOT NULL,
  order_id TEXT, at INTEGER, amount_units INTEGER, amount_places INTEGER, amount_minor INTEGER, currency);
CREATE TABLE refund_key(page INTEGER, key INTEGER, id INTEGER, PRIMARY KEY(page, key, id)) WITHOUT ROWID;
CREATE TABLE visit(id INTEGER PRIMARY KEY, line INTEGER NOT NULL, key INTEGER NOT NULL, live INTEGER NOT NULL,
  from_day INTEGER, to_day INTEGER, came_from, medium, campaign, visited_page, visitors INTEGER, visits INTEGER,
  page_views INTEGER, engaged_visits INTEGER, conversions REAL, revenue_units INTEGER, revenue_places INTEGER,
  revenue_minor INTEGER, currency);
CREATE TABLE visit_key(page INTEGER, key INTEGER, id INTEGER, PRIMARY KEY(page, key, id)) WITHOUT ROWID;
CREATE TABLE contact(id INTEGER PRIMARY KEY, line INTEGER NOT NULL, key INTEGER NOT NULL, live INTEGER NOT NULL,
  contact_id TEXT, email_key TEXT, handle TEXT, created_at INTEGER, stage, came_from);
CREATE TABLE contact_key(page INTEGER, key INTEGER, id INTEGER, PRIMARY KEY(page, key, id)) WITHOUT ROWID;
