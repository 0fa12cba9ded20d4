import Foundation
import TestSupport
import XCTest

/// `pooltable merge`, as somebody runs it whose users have two rows.
final class MergeCommandTests: XCTestCase {
  private func merge(_ database: TestDatabase, _ arguments: String...) throws -> CommandRun {
    try CommandRun.pooltable(
      ["merge"] + arguments, environment: ["DATABASE_URL": database.ownerURL])
  }

  /// Ada, who was deleted and owns three posts, and Bob, who owns one.
  private func makeDatabase() throws -> (TestDatabase, old: TestUser, new: TestUser) {
    let database = try TestDatabase()
    let (old, new) = (try database.addUser("ada", deletedDaysAgo: 1), try database.addUser("bob"))
    try database.execute(
      """
      CREATE TABLE posts (id integer PRIMARY KEY, author uuid REFERENCES cognito.users, title text UNIQUE);
      INSERT INTO posts SELECT i, '\(old.id)', i FROM generate_series(1, 3) AS i;
      INSERT INTO posts VALUES (4, '\(new.id)', 'secret')
      """)
    return (database, old, new)
  }

  func testWhatReferencedTheOneReferencesTheOther() throws {
    let (database, old, new) = try makeDatabase()
    let before = try database.everything()
    let rehearsal = try merge(database, old.sub, new.sub, "--dry-run")
    XCTAssertEqual(rehearsal.exitCode, 0, rehearsal.errors)
    XCTAssertEqual(
      rehearsal.output,
      """
      \(old.id) would be merged into \(new.id): 6 rows would be moved
        cognito.user_roles (user_id): 1
        cognito.sign_ins (user_id): 2
        public.posts (author): 3

      """)
    XCTAssertEqual(try database.everything(), before)

    let run = try merge(database, old.id, new.sub, "--json")
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(
      run.output,
      #"{"dryRun":false,"merged":true,"moved":[{"column":"user_id","rows":1,"table":"cognito.user_roles"},"#
        + #"{"column":"user_id","rows":2,"table":"cognito.sign_ins"},{"column":"author","rows":3,"table":"public.posts"}],"#
        + #""new":"\#(new.id)","old":"\#(old.id)","problems":[]}"# + "\n")
    XCTAssertEqual(
      try database.query("SELECT DISTINCT author FROM posts"), [[new.id]])
    XCTAssertEqual(
      try database.value("SELECT merged_into FROM cognito.users WHERE id = $1::uuid", [old.id]),
      new.id)
    let again = try merge(database, old.id, new.id)
    XCTAssertEqual(again.exitCode, 0, again.errors)
    XCTAssertEqual(again.output, "\(old.id) merged into \(new.id): 0 rows moved\n")
  }

  func testAConflictNamesTableAndRowAndNothingIsHalfDone() throws {
    let (database, old, new) = try makeDatabase()
    try database.execute(
      """
      CREATE TABLE likes (
        id integer PRIMARY KEY, user_id uuid REFERENCES cognito.users, note text, CONSTRAINT once UNIQUE (user_id, note));
      INSERT INTO likes VALUES (1, '\(old.id)', 'secret'), (2, '\(new.id)', 'secret'), (3, '\(old.id)', 'x')
      """)
    let before = try database.everything()
    let run = try merge(database, old.id, new.id)
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertEqual(run.output, "nothing was changed\n")
    XCTAssertTrue(
      run.errors.contains(
        #"public.likes (user_id), row {"id": 1}: \#(new.id) has such a row already (constraint once, SQLSTATE 23505)"#
      ),
      run.errors)
    XCTAssertFalse(run.errors.contains("secret"), run.errors)
    let json = try merge(database, old.id, new.id, "--json")
    XCTAssertEqual(json.exitCode, 1)
    XCTAssertEqual(
      json.output,
      #"{"dryRun":false,"merged":false,"moved":[],"new":"\#(new.id)","old":"\#(old.id)","problems":["#
        + #"{"column":"user_id","constraint":"once","problem":"conflict","row":{"id": 1},"state":"23505","table":"public.likes"}]}"#
        + "\n")
    XCTAssertEqual(try database.everything(), before)
    try database.execute("DELETE FROM likes WHERE id = 1")
    XCTAssertEqual(try merge(database, old.id, new.id).exitCode, 0)
  }

  func testWhatIsInTheWayIsToldWithWhatToDo() throws {
    let (database, old, new) = try makeDatabase()
    let gone = try database.addUser("gone", deletedDaysAgo: 1)
    let elsewhere = try database.addUser("elsewhere", pool: "eu-central-1_b")
    let nobody = UUID().uuidString.lowercased()
    let cases: [(String, String, String)] = [
      (new.id, old.id, "\(new.id) is not marked as deleted; 'pooltable reconcile --prune'"),
      (old.id, gone.id, "\(gone.id) is marked as deleted"),
      (old.id, elsewhere.sub, "different user pools"), (old.id, old.sub, "are one row"),
      (nobody, new.id, "no row of cognito.users has the id or sub \(nobody)"),
      (old.id, nobody, "no row of cognito.users has the id or sub \(nobody)"),
    ]
    let before = try database.everything()
    for (one, other, text) in cases {
      let run = try merge(database, one, other)
      XCTAssertEqual(run.exitCode, 1, text)
      XCTAssertTrue(run.errors.contains(text), run.errors)
      XCTAssertEqual(run.output, "nothing was changed\n")
    }
    XCTAssertEqual(try database.everything(), before)

    try database.execute(
      """
      ALTER TABLE cognito.users ADD UNIQUE (id, user_pool_id);
      CREATE TABLE two (u uuid, p text, CONSTRAINT by_both FOREIGN KEY (u, p) REFERENCES cognito.users (id, user_pool_id))
      """)
    let run = try merge(database, old.id, new.id)
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.errors.contains("public.two (u, p): foreign key by_both"), run.errors)
  }

  func testASubOfSeveralPoolsIsAskedAbout() throws {
    let (database, old, new) = try makeDatabase()
    let twin = try database.addUser("twin", pool: "eu-central-1_b", deletedDaysAgo: 1)
    try database.query(
      "UPDATE cognito.users SET sub = $1::uuid WHERE id = $2::uuid", [old.sub, twin.id])
    let unclear = try merge(database, old.sub, new.id)
    XCTAssertEqual(unclear.exitCode, 1)
    XCTAssertTrue(unclear.errors.contains("--user-pool-id"), unclear.errors)
    XCTAssertEqual(
      try merge(database, old.sub, new.id, "--user-pool-id", TestDatabase.pool).exitCode, 0)
  }

  func testAWrongCommandLineIsToldBeforeAnythingIsDone() throws {
    let (database, old, new) = try makeDatabase()
    let before = try database.everything()
    for arguments in [
      [], [old.id], [old.id, "bob"], ["ada", new.id], [old.id, new.id, old.id], [old.id, old.id],
      [old.id, old.id.uppercased()], [old.id, new.id, "--user-pool-id", "pool"],
    ] {
      let run = try CommandRun.pooltable(
        ["merge"] + arguments, environment: ["DATABASE_URL": database.ownerURL])
      XCTAssertEqual(run.exitCode, 64, "\(arguments): \(run.errors)")
    }
    XCTAssertEqual(try database.everything(), before)
  }

  func testTheFunctionsLoginMayNotMerge() throws {
    let (database, old, new) = try makeDatabase()
    let run = try CommandRun.pooltable(
      ["merge", old.id, new.id], environment: ["DATABASE_URL": database.handlerURL])
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.errors.contains("the login that owns the schema"), run.errors)
  }
}
