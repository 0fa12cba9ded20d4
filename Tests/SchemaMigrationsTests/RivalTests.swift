import Clock
import Foundation
import Postgres
import TestSupport
import XCTest

/// Two writers of one user at the same moment: the one that read first writes last.
///
/// A rival's transaction holds the row while the other session has read it already, and waits. What that session may
/// do then is decided by the row as the rival leaves it.
final class RivalTests: XCTestCase {
  private static let pool = "eu-central-1_a"
  private static let seen = "2026-01-01T00:00:00Z"
  private static let later = "2026-01-02T00:00:00Z"
  private static let latest = "2026-01-03T00:00:00Z"
  private let sub = UUID().uuidString.lowercased()

  func testSyncUserLeavesARivalsNewerObservationAlone() throws {
    let database = try databaseWithTheUser()
    let outcome = try outcome(of: syncUser(observedAt: Self.later), in: database) { rival in
      try update("rival@example.com", observedAt: Self.latest, by: rival)
    }
    XCTAssertEqual(outcome, "stale")
    XCTAssertEqual(try email(in: database), "rival@example.com")
  }

  func testSyncUserOverwritesARivalsOlderObservation() throws {
    let database = try databaseWithTheUser()
    let outcome = try outcome(of: syncUser(observedAt: Self.latest), in: database) { rival in
      try update("rival@example.com", observedAt: Self.later, by: rival)
    }
    XCTAssertEqual(outcome, "updated")
    XCTAssertEqual(try email(in: database), "mine@example.com")
  }

  func testSyncUserInsertsAUserThatARivalRemovesMeanwhile() throws {
    let database = try databaseWithTheUser()
    let outcome = try outcome(of: syncUser(observedAt: Self.later), in: database) { rival in
      try rival.execute(script: "DELETE FROM cognito.users", until: .after(.seconds(10)))
    }
    XCTAssertEqual(outcome, "inserted")
    XCTAssertEqual(try email(in: database), "mine@example.com")
  }

  func testSyncUserRecordsNoSignInOfAUserThatARivalRemovesMeanwhile() throws {
    let database = try databaseWithTheUser()
    let signIn = syncUser(observedAt: Self.later, email: "seen@example.com", signedInAt: Self.later)
    let outcome = try outcome(of: signIn, in: database) { rival in
      try rival.execute(script: "DELETE FROM cognito.users", until: .after(.seconds(10)))
    }
    XCTAssertEqual(outcome, "unchanged")
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.sign_ins"), "0")
  }

  func testSyncUserMeetsARivalThatInsertsTheSameUserFirst() throws {
    let database = try TestDatabase()
    let outcome = try outcome(of: syncUser(observedAt: Self.later), in: database) { rival in
      try insert(observedAt: Self.latest, by: rival)
    }
    XCTAssertEqual(outcome, "stale")
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "1")
    XCTAssertEqual(try email(in: database), "seen@example.com")
  }

  func testSyncUsersLeavesARivalsNewerObservationAlone() throws {
    let database = try databaseWithTheUser()
    let outcome = try outcome(of: syncUsers(observedAt: Self.later), in: database) { rival in
      try update("rival@example.com", observedAt: Self.latest, by: rival)
    }
    XCTAssertEqual(outcome, "rival", "to be asked again")
    XCTAssertEqual(try email(in: database), "rival@example.com")
    XCTAssertEqual(
      try database.owner.query(syncUsers(observedAt: Self.later), until: .after(.seconds(10)))
        .text(row: 0, column: 0), "stale")
  }

  /// One of the two is noted, and the other is gone by then.
  func testSyncUsersMissesAUserThatARivalRemovesMeanwhileAndNoOther() throws {
    let database = try databaseWithTheUser()
    let other = UUID().uuidString.lowercased()
    try database.query(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, observed_at)
      VALUES ($1::text, $2::uuid, 'other', '\(Self.seen)')
      """, [Self.pool, other])
    let call = """
      SELECT string_agg(outcome, ',' ORDER BY ordinal) FROM cognito.sync_users(
        user_pool_id => '\(Self.pool)', subs => ARRAY['\(sub)'::uuid, '\(other)'::uuid],
        usernames => ARRAY['ada', 'other'], emails => ARRAY['seen@example.com', NULL],
        emails_verified => NULL, phone_numbers => NULL, phone_numbers_verified => NULL,
        statuses => NULL, enabled => NULL, attributes => ARRAY['{}'::jsonb, '{}'],
        identities => NULL,
        last_modified_at => ARRAY['\(Self.later)'::timestamptz, '\(Self.later)'],
        observed_at => '\(Self.later)', settle => interval '0', dry_run => false, with_values => false)
      """
    let outcome = try outcome(of: call, in: database) { rival in
      _ = try rival.query(
        "DELETE FROM cognito.users WHERE sub = $1::uuid", [sub], until: .after(.seconds(10)))
    }
    XCTAssertEqual(outcome, "rival,dated")
  }

  func testSyncUsersSaysSoWhereTheOnlyUserIsRemovedMeanwhile() throws {
    let database = try databaseWithTheUser()
    let call = """
      SELECT outcome FROM cognito.sync_users(
        user_pool_id => '\(Self.pool)', subs => ARRAY['\(sub)'::uuid], usernames => ARRAY['ada'],
        emails => ARRAY['seen@example.com'], emails_verified => NULL, phone_numbers => NULL,
        phone_numbers_verified => NULL, statuses => NULL, enabled => NULL,
        attributes => ARRAY['{}'::jsonb], identities => NULL,
        last_modified_at => ARRAY['\(Self.later)'::timestamptz], observed_at => '\(Self.later)',
        settle => interval '0', dry_run => false, with_values => false)
      """
    let outcome = try outcome(of: call, in: database) { rival in
      try rival.execute(script: "DELETE FROM cognito.users", until: .after(.seconds(10)))
    }
    XCTAssertEqual(outcome, "rival")
  }

  /// Nobody waits for a listing: it has more patience than a sign-in.
  func testSyncUsersWaitsForARivalForLongerThanSyncUserDoes() throws {
    let database = try databaseWithTheUser()
    let outcome = try outcome(
      of: syncUsers(observedAt: Self.latest), in: database, heldFor: .milliseconds(1700)
    ) { rival in try update("rival@example.com", observedAt: Self.later, by: rival) }
    XCTAssertEqual(outcome, "updated")
  }

  func testSyncUsersMeetsARivalThatInsertsTheSameUserFirst() throws {
    let database = try TestDatabase()
    let outcome = try outcome(of: syncUsers(observedAt: Self.later), in: database) { rival in
      try insert(observedAt: Self.latest, by: rival)
    }
    XCTAssertEqual(outcome, "rival", "to be asked again")
    XCTAssertEqual(try email(in: database), "seen@example.com")
  }

  // MARK: The scene

  private func databaseWithTheUser() throws -> TestDatabase {
    let database = try TestDatabase()
    try insert(observedAt: Self.seen, by: database.owner)
    return database
  }

  /// What `statement` answers whose row a rival has changed, and committed only when the statement waits for it.
  private func outcome(
    of statement: String, in database: TestDatabase, heldFor pause: Duration = .zero,
    rival change: (Connection) throws -> Void
  ) throws -> String? {
    let rival = try database.connect()
    let mine = try database.connect()
    let pid = try XCTUnwrap(
      mine.query("SELECT pg_backend_pid()", until: .after(.seconds(10))).text(row: 0, column: 0))
    try rival.execute(script: "BEGIN", until: .after(.seconds(10)))
    try change(rival)
    try mine.send(statement, until: .after(.seconds(10)))
    try database.waitForLockWait(of: pid)
    Deadline.after(pause).sleep()
    try rival.execute(script: "COMMIT", until: .after(.seconds(10)))
    return try mine.answer(until: .after(.seconds(10))).text(row: 0, column: 0)
  }

  private func email(in database: TestDatabase) throws -> String? {
    try database.value("SELECT email FROM cognito.users")
  }

  private func insert(observedAt: String, by connection: Connection) throws {
    _ = try connection.query(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, email, observed_at)
      VALUES ($1::text, $2::uuid, 'ada', 'seen@example.com', $3::timestamptz)
      """, [Self.pool, sub, observedAt], until: .after(.seconds(10)))
  }

  private func update(_ email: String, observedAt: String, by connection: Connection) throws {
    _ = try connection.query(
      "UPDATE cognito.users SET email = $1::text, observed_at = $2::timestamptz",
      [email, observedAt], until: .after(.seconds(10)))
  }

  private func syncUser(
    observedAt: String, email: String = "mine@example.com", signedInAt: String? = nil
  ) -> String {
    """
    SELECT outcome FROM cognito.sync_user(
      user_pool_id => '\(Self.pool)', sub => '\(sub)', username => 'ada',
      email => '\(email)', email_verified => NULL, phone_number => NULL,
      phone_number_verified => NULL, status => NULL, enabled => NULL, attributes => '{}',
      identities => NULL, client_metadata => NULL, sign_up_client_id => NULL, confirmed_at => NULL,
      signed_in_at => \(signedInAt.map { "'\($0)'" } ?? "NULL"),
      observed_at => '\(observedAt)', request_id => NULL)
    """
  }

  private func syncUsers(observedAt: String) -> String {
    """
    SELECT outcome FROM cognito.sync_users(
      user_pool_id => '\(Self.pool)', subs => ARRAY['\(sub)'::uuid], usernames => ARRAY['ada'],
      emails => ARRAY['mine@example.com'], emails_verified => NULL, phone_numbers => NULL,
      phone_numbers_verified => NULL, statuses => NULL, enabled => NULL,
      attributes => ARRAY['{}'::jsonb],
      identities => NULL, last_modified_at => NULL, observed_at => '\(observedAt)',
      settle => interval '0', dry_run => false, with_values => false)
    """
  }
}
