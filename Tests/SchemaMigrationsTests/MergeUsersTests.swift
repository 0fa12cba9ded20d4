import Clock
import Foundation
import Postgres
import TestSupport
import XCTest

/// `cognito.merge_users`: what references one user references the other, or nothing is changed.
final class MergeUsersTests: XCTestCase {
  private struct Scene {
    let database: TestDatabase
    let old, new: TestUser

    /// Ada, who was deleted, and Bob, who takes her place.
    init() throws {
      database = try TestDatabase()
      old = try database.addUser("ada", deletedDaysAgo: 1)
      new = try database.addUser("bob")
    }

    /// - Parameter sql: `OLD` and `NEW` are the ids.
    func execute(_ sql: String) throws {
      try database.execute(
        sql.replacingOccurrences(of: "OLD", with: "'\(old.id)'::uuid")
          .replacingOccurrences(of: "NEW", with: "'\(new.id)'::uuid"))
    }

    /// `problem table column constraint row state count`, those that are NULL left out; unmoved columns, too.
    func merge(_ one: String? = nil, into other: String? = nil, dryRun: Bool = false) throws
      -> [String]
    {
      try database.query(
        """
        SELECT concat_ws(' ', problem, table_name, column_name, constraint_name, row_key, error_state, row_count)
        FROM cognito.merge_users($1::uuid, $2::uuid, $3::boolean)
        WHERE row_count IS DISTINCT FROM 0 AND coalesce(table_name, '') NOT LIKE 'cognito.%'
        """, [one ?? old.id, other ?? new.id, "\(dryRun)"]
      ).map { $0[0] ?? "" }
    }

    /// Merges nothing, for just this reason, with and without a dry run.
    func refuses(_ problems: [String], file: StaticString = #filePath, line: UInt = #line) throws {
      let before = try database.everything()
      for dryRun in [true, false] {
        XCTAssertEqual(try merge(dryRun: dryRun), problems, file: file, line: line)
        XCTAssertEqual(try database.everything(), before, "half done", file: file, line: line)
      }
    }
  }

  func testEveryForeignKeyIsMovedInWhateverSchemaItIs() throws {
    let scene = try Scene()
    try scene.execute(
      """
      CREATE SCHEMA "My App";
      CREATE TABLE "My App"."My Posts" (
        id integer PRIMARY KEY, "The Author" uuid REFERENCES cognito.users ON DELETE CASCADE,
        editor uuid REFERENCES cognito.users (id) ON DELETE SET NULL, note text);
      INSERT INTO "My App"."My Posts" VALUES (1, OLD, OLD, 'x'), (2, NEW, OLD, 'x'), (3, NULL, NEW, 'x');
      CREATE TABLE profiles (user_id uuid PRIMARY KEY REFERENCES cognito.users DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO profiles VALUES (OLD);
      CREATE TABLE letters (user_id uuid REFERENCES cognito.users, day date, PRIMARY KEY (user_id, day))
        PARTITION BY RANGE (day);
      CREATE TABLE letters_2026 PARTITION OF letters FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
      INSERT INTO letters VALUES (OLD, '2026-01-01'), (OLD, '2026-02-02');
      CREATE TABLE plain (user_id uuid);
      INSERT INTO plain VALUES (OLD)
      """)
    let moved = [
      #""My App"."My Posts" The Author 1"#, #""My App"."My Posts" editor 2"#,
      "public.letters user_id 2", "public.profiles user_id 1",
    ]
    let before = try scene.database.everything()
    XCTAssertEqual(try scene.merge(dryRun: true), moved)
    XCTAssertEqual(try scene.database.everything(), before)

    XCTAssertEqual(try scene.merge(), moved)
    XCTAssertEqual(
      try scene.database.query(
        #"SELECT id, "The Author", editor FROM "My App"."My Posts" ORDER BY id"#),
      [
        ["1", scene.new.id, scene.new.id], ["2", scene.new.id, scene.new.id],
        ["3", nil, scene.new.id],
      ])
    for table in ["profiles", "letters"] {
      XCTAssertEqual(
        try scene.database.query("SELECT DISTINCT user_id FROM \(table)"), [[scene.new.id]])
    }
    XCTAssertEqual(
      try scene.database.value("SELECT user_id FROM plain"), scene.old.id, "no foreign key")
    XCTAssertEqual(
      try scene.database.query(
        "SELECT merged_into, deleted_at IS NOT NULL, username FROM cognito.users WHERE id = $1::uuid",
        [scene.old.id]), [[scene.new.id, "t", "ada"]])
  }

  func testWhatComesLaterIsMovedByAnotherMerge() throws {
    let scene = try Scene()
    try scene.execute("CREATE TABLE posts (author uuid REFERENCES cognito.users)")
    XCTAssertEqual(try scene.merge(), [])
    let after = try scene.database.everything()
    XCTAssertEqual(try scene.merge(), [])
    XCTAssertEqual(try scene.database.everything(), after)
    try scene.execute("INSERT INTO posts VALUES (OLD)")
    XCTAssertEqual(try scene.merge(), ["public.posts author 1"])
  }

  func testRolesAreTakenOverOnceAndPushed() throws {
    let scene = try Scene()
    try scene.execute(
      """
      INSERT INTO cognito.user_roles SELECT OLD, id FROM cognito.roles ON CONFLICT DO NOTHING;
      DELETE FROM cognito.role_outbox
      """)
    XCTAssertEqual(try scene.merge(), [])
    XCTAssertEqual(
      try scene.database.query(
        "SELECT user_id, group_name FROM cognito.memberships ORDER BY group_name"),
      [[scene.new.id, "ada"], [scene.new.id, "bob"]])
    // Cognito may know NEW by OLD's name now: nothing must be taken from it.
    XCTAssertEqual(
      try scene.database.query("SELECT DISTINCT sub, group_name FROM cognito.role_outbox"),
      [[scene.new.sub, "ada"]])
  }

  func testSignInsAreAddedUpByDay() throws {
    let scene = try Scene()
    try scene.execute(
      """
      UPDATE cognito.sign_ins SET day = '2026-01-03' WHERE user_id = OLD AND day = '2026-01-02';
      UPDATE cognito.sign_ins SET first_at = '2026-01-01T09:00Z', requests = '{9}'
      WHERE user_id = OLD AND day = '2026-01-01';
      UPDATE cognito.users SET last_sign_in_at = '2026-01-02Z' WHERE id = NEW;
      UPDATE cognito.users SET last_sign_in_at = '2026-01-03Z' WHERE id = OLD
      """)
    XCTAssertEqual(try scene.merge(), [])
    XCTAssertEqual(
      try scene.database.query(
        """
        SELECT user_id, day, to_char(first_at AT TIME ZONE 'UTC', 'HH24'), to_char(last_at AT TIME ZONE 'UTC', 'HH24'),
          count, requests
        FROM cognito.sign_ins ORDER BY day
        """),
      [
        [scene.new.id, "2026-01-01", "09", "12", "4", "{1,2,9}"],
        [scene.new.id, "2026-01-02", "10", "10", "1", "{3}"],
        [scene.new.id, "2026-01-03", "10", "10", "1", "{3}"],
      ])
    XCTAssertEqual(
      try scene.database.value(
        "SELECT last_sign_in_at = '2026-01-03Z' FROM cognito.users WHERE id = $1::uuid",
        [scene.new.id]), "t")
  }

  func testWhoWasMergedIntoOldIsMergedIntoNew() throws {
    let scene = try Scene()
    let first = try scene.database.addUser("first", deletedDaysAgo: 2)
    try scene.execute("UPDATE cognito.users SET merged_into = OLD WHERE id = '\(first.id)'")
    XCTAssertEqual(try scene.merge(), [])
    XCTAssertEqual(
      try scene.database.value(
        "SELECT count(*) FROM cognito.users WHERE merged_into = $1::uuid", [scene.new.id]), "2")
  }

  func testNoLaterEventChangesWhoWasMerged() throws {
    let scene = try Scene()
    XCTAssertEqual(try scene.merge(), [])
    let after = try scene.database.everything()
    XCTAssertEqual(
      try scene.database.value(
        """
        SELECT outcome FROM cognito.sync_user(
          $1::text, $2::uuid, 'late', NULL, NULL, NULL, NULL, NULL, NULL, '{}', NULL, NULL, NULL, NULL, now(),
          now() + interval '1 hour', 'late')
        """, [TestDatabase.pool, scene.old.sub]), "stale")
    XCTAssertEqual(try scene.database.everything(), after)
  }

  // MARK: What is in the way

  func testAConflictIsToldByTableAndRowAndNothingIsHalfDone() throws {
    for (kind, constraint) in [
      ("UNIQUE", "taken"), ("UNIQUE", "taken DEFERRABLE INITIALLY DEFERRED"),
    ] {
      let scene = try Scene()
      try scene.execute(
        """
        CREATE TABLE a_posts (author uuid REFERENCES cognito.users);
        INSERT INTO a_posts VALUES (OLD);
        CREATE TABLE likes (
          id integer PRIMARY KEY, user_id uuid REFERENCES cognito.users, post integer,
          CONSTRAINT \(constraint.replacingOccurrences(of: "taken", with: "taken \(kind) (user_id, post)")));
        INSERT INTO likes VALUES (1, OLD, 1), (2, NEW, 1), (3, OLD, 2), (4, OLD, 3), (5, NEW, 3)
        """)
      try scene.refuses([
        #"conflict public.likes user_id taken {"id": 1} 23505"#,
        #"conflict public.likes user_id taken {"id": 4} 23505"#,
      ])
      try scene.execute("DELETE FROM likes WHERE id IN (1, 5)")
      XCTAssertEqual(try scene.merge(), ["public.a_posts author 1", "public.likes user_id 2"])
    }
  }

  func testConflictsOfOtherKinds() throws {
    let scene = try Scene()
    try scene.execute(
      """
      CREATE TABLE by_key (user_id uuid PRIMARY KEY REFERENCES cognito.users);
      INSERT INTO by_key VALUES (OLD), (NEW);
      CREATE TABLE by_range (
        user_id uuid REFERENCES cognito.users, hours int4range,
        CONSTRAINT one_at_a_time EXCLUDE USING gist (hours WITH &&) WHERE (user_id = NEW));
      INSERT INTO by_range VALUES (OLD, '[1,5)'), (NEW, '[4,6)');
      CREATE TABLE pairs (
        one uuid REFERENCES cognito.users, other uuid REFERENCES cognito.users, CONSTRAINT pair UNIQUE (one, other));
      INSERT INTO pairs VALUES (OLD, NEW), (NEW, OLD)
      """)
    let problems = try scene.merge()
    XCTAssertEqual(problems.count, 3, "\(problems)")
    XCTAssertEqual(
      problems[0],
      #"conflict public.by_key user_id by_key_pkey {"user_id": "\#(scene.old.id)"} 23505"#)
    XCTAssertEqual(
      problems[1], #"conflict public.by_range user_id one_at_a_time {"ctid": "(0,1)"} 23P01"#)
    XCTAssertTrue(problems[2].hasPrefix("conflict public.pairs other pair "), problems[2])
    try scene.refuses(problems)
  }

  func testManyConflictsAreToldByTheFirstTwenty() throws {
    let scene = try Scene()
    try scene.execute(
      """
      CREATE TABLE likes (user_id uuid REFERENCES cognito.users, post integer, UNIQUE (user_id, post));
      INSERT INTO likes SELECT u, i FROM generate_series(1, 100) AS i, unnest(ARRAY[OLD, NEW]) AS u
      """)
    XCTAssertEqual(try scene.merge().count, 20)
  }

  func testCompositeForeignKeysAreRefusedByTheirNames() throws {
    let scene = try Scene()
    try scene.execute(
      """
      ALTER TABLE cognito.users ADD CONSTRAINT users_of_pools UNIQUE (id, user_pool_id);
      CREATE TABLE one (u uuid, p text, CONSTRAINT by_id FOREIGN KEY (u, p) REFERENCES cognito.users (id, user_pool_id));
      CREATE TABLE two (
        s uuid, p text, CONSTRAINT by_sub FOREIGN KEY (p, s) REFERENCES cognito.users (user_pool_id, sub));
      CREATE TABLE three (u uuid REFERENCES cognito.users);
      INSERT INTO three VALUES (OLD)
      """)
    try scene.refuses(["composite public.one u, p by_id", "composite public.two p, s by_sub"])
  }

  /// The order in which tables are moved is not that of their names.
  func testTablesThatReferenceEachOtherFollow() throws {
    let scene = try Scene()
    try scene.execute(
      """
      CREATE TABLE members (user_id uuid REFERENCES cognito.users, club integer, PRIMARY KEY (user_id, club));
      CREATE TABLE a_posts (
        user_id uuid REFERENCES cognito.users, club integer,
        FOREIGN KEY (user_id, club) REFERENCES members ON UPDATE CASCADE);
      CREATE TABLE b_posts (
        user_id uuid REFERENCES cognito.users, club integer,
        FOREIGN KEY (user_id, club) REFERENCES members DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO members VALUES (OLD, 1);
      INSERT INTO a_posts VALUES (OLD, 1);
      INSERT INTO b_posts VALUES (OLD, 1)
      """)
    XCTAssertEqual(
      Set(try scene.merge()), ["public.b_posts user_id 1", "public.members user_id 1"])
    for table in ["members", "a_posts", "b_posts"] {
      XCTAssertEqual(try scene.database.value("SELECT user_id FROM \(table)"), scene.new.id)
    }
  }

  func testWhatTheDatabaseRefusesIsTold() throws {
    let scene = try Scene()
    try scene.execute(
      """
      CREATE TABLE members (user_id uuid PRIMARY KEY REFERENCES cognito.users);
      CREATE TABLE cards (user_id uuid CONSTRAINT of_member REFERENCES members);
      INSERT INTO members VALUES (OLD);
      INSERT INTO cards VALUES (OLD);
      CREATE TABLE checked (id integer PRIMARY KEY, u uuid REFERENCES cognito.users, CONSTRAINT not_new CHECK (u <> NEW));
      INSERT INTO checked VALUES (7, OLD);
      CREATE TABLE guarded (id integer PRIMARY KEY, u uuid REFERENCES cognito.users);
      INSERT INTO guarded VALUES (8, OLD);
      CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';
      CREATE TRIGGER guard BEFORE UPDATE ON guarded FOR EACH ROW EXECUTE FUNCTION guard()
      """)
    try scene.refuses([
      #"refused public.checked u not_new {"id": 7} 23514"#,
      #"refused public.guarded u {"id": 8} P0001"#,
      #"refused public.members user_id of_member {"user_id": "\#(scene.old.id)"} 23503"#,
    ])
  }

  /// What is checked at the end of a transaction only is asked before.
  func testADeferredConstraintIsAsked() throws {
    let scene = try Scene()
    try scene.execute(
      """
      CREATE TABLE members (user_id uuid PRIMARY KEY REFERENCES cognito.users);
      CREATE TABLE cards (user_id uuid CONSTRAINT of_member REFERENCES members DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO members VALUES (OLD);
      INSERT INTO cards VALUES (OLD)
      """)
    try scene.refuses(["refused public.cards of_member 23503"])
  }

  func testATriggerRunsWithTheSearchPathOfTheApplication() throws {
    let scene = try Scene()
    try scene.execute(
      """
      CREATE TABLE posts (author uuid REFERENCES cognito.users);
      CREATE TABLE history (author uuid);
      INSERT INTO posts VALUES (OLD)
      """)
    try scene.database.execute(
      """
      CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO history VALUES (NEW.author); RETURN NULL; END';
      CREATE TRIGGER note AFTER UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION note()
      """)
    XCTAssertEqual(try scene.merge(), ["public.posts author 1"])
    XCTAssertEqual(try scene.database.value("SELECT author FROM history"), scene.new.id)
  }

  /// A login that owns the schema `cognito`, and is no superuser.
  func testATableWithoutTheRightsIsTold() throws {
    let scene = try Scene()
    let owner = scene.database.handlerLogin
    try scene.execute(
      """
      CREATE TABLE closed (u uuid REFERENCES cognito.users);
      CREATE TABLE hidden (u uuid REFERENCES cognito.users);
      CREATE TABLE open (u uuid REFERENCES cognito.users);
      INSERT INTO closed VALUES (OLD);
      INSERT INTO hidden VALUES (OLD);
      INSERT INTO open VALUES (OLD);
      ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
      GRANT SELECT, UPDATE ON hidden, open TO \(owner);
      GRANT ALL ON ALL TABLES IN SCHEMA cognito TO \(owner);
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA cognito TO \(owner)
      """)
    let login = try Connection.open(
      ConnectionParameters(parsing: scene.database.handlerURL), until: .after(.seconds(10)))
    let before = try scene.database.everything()
    let answer = try login.query(
      """
      SELECT concat_ws(' ', problem, table_name, column_name, error_state)
      FROM cognito.merge_users('\(scene.old.id)', '\(scene.new.id)')
      """, until: .after(.seconds(30)))
    XCTAssertEqual(
      answer.rows, [["not_allowed public.closed u 42501"], ["not_allowed public.hidden u 42501"]])
    XCTAssertEqual(try scene.database.everything(), before)
  }

  func testWhoCannotBeMerged() throws {
    let scene = try Scene()
    let (old, new) = (scene.old.id, scene.new.id)
    let nobody = UUID().uuidString
    let third = try scene.database.addUser("third", deletedDaysAgo: 1).id
    let elsewhere = try scene.database.addUser("elsewhere", pool: "eu-central-1_b").id
    let disabled = try scene.database.addUser("disabled").id
    let merged = try scene.database.addUser("merged", deletedDaysAgo: 1).id
    try scene.execute(
      """
      UPDATE cognito.users SET enabled = false WHERE id = '\(disabled)';
      UPDATE cognito.users SET merged_into = '\(third)' WHERE id = '\(merged)'
      """)
    let before = try scene.database.everything()
    let cases: [(String, String, String)] = [
      (nobody, new, "old_unknown"), (old, nobody, "new_unknown"), (new, old, "old_not_deleted"),
      (new, new, "same_user"), (old, old, "same_user"), (old, third, "new_deleted"),
      (old, elsewhere, "other_pool"), (old, disabled, "new_disabled"), (merged, new, "old_merged"),
    ]
    for (one, other, problem) in cases {
      XCTAssertEqual(try scene.merge(one, into: other), [problem])
    }
    XCTAssertEqual(try scene.database.everything(), before)
  }
}
