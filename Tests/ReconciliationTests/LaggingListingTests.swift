import Clock
import CognitoAPI
import CognitoTriggers
import Foundation
import JSON
import Postgres
import TestSupport
import UserTable
import XCTest

@testable import Reconciliation

/// Listings lag: what a trigger saw shortly before stays, whatever is listed and whoever is not.
final class LaggingListingTests: XCTestCase {
  private let pool = "eu-central-1_ExaMPLe01"
  private let ada = "3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f"

  /// Cognito's word on users, by name: who is not in it is gone.
  private final class ScriptedPresence: Presence {
    var answers: [String: PresenceAnswer] = [:]
    var failure: ListingError?
    var meanwhile: () throws -> Void = {}
    var asked: [String] = []

    func ask(
      about user: MissingUser
    ) throws(ListingError) -> (PresenceAnswer, askedAt: Timestamp) {
      let now = Timestamp.now()
      asked.append(user.userName ?? "-")
      XCTAssertNoThrow(try meanwhile())
      if let failure { throw failure }
      return (answers[user.userName ?? "-"] ?? .gone, now)
    }
  }

  private func run(
    _ listing: any UserListing, on database: TestDatabase, prunes: Bool = false,
    isDryRun: Bool = false, settle: Duration = Reconciler.Options().settle,
    evidence: Pruning.Evidence = .listing, tell: @escaping (Reconciler.Event) -> Void = { _ in }
  ) throws -> Report {
    let pool = try XCTUnwrap(UserPoolID(pool))
    var options = Reconciler.Options()
    options.prunes = prunes
    options.pruneLimit = 100
    options.isDryRun = isDryRun
    options.settle = settle
    let parameters = try ConnectionParameters(parsing: database.ownerURL)
    let connection = TableConnection(pool: pool) { () throws(PostgresError) in
      try Connection.open(parameters, until: .after(.seconds(10)))
    }
    return Reconciler(
      pool, from: listing, to: connection, options: options, evidence: evidence, tell: tell
    ).run()
  }

  /// A file that holds users like this one, as it was listed so long ago.
  private func listing(
    _ users: [(sub: String, name: String, status: String, modified: Timestamp?)],
    ago: Duration = .zero
  ) throws -> FileListing {
    let list = users.map { user in
      let modified = user.modified.map { #""UserLastModifiedDate": "\#($0.rfc3339)","# } ?? ""
      return """
        {"Username": "\(user.name)", \(modified) "Enabled": true, "UserStatus": "\(user.status)",
         "Attributes": [{"Name": "sub", "Value": "\(user.sub)"}]}
        """
    }
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try Data("{\"Users\": [\(list.joined(separator: ","))]}".utf8).write(to: file)
    addTeardownBlock { try FileManager.default.removeItem(at: file) }
    return try FileListing(path: file.path, observedAt: Timestamp.now().advanced(by: .zero - ago))
  }

  /// Ada's row, as something wrote it so long ago.
  private func database(seen ago: Duration, sub: String? = nil) throws -> TestDatabase {
    let database = try TestDatabase()
    try write(sub ?? ada, "ada", seen: ago, in: database)
    return database
  }

  private func write(
    _ sub: String, _ name: String?, seen ago: Duration, in database: TestDatabase
  ) throws {
    try database.query(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, status, observed_at)
      VALUES ($1::text, $2::uuid, $3::text, 'CONFIRMED', $4::timestamptz)
      """, [pool, sub, name, Timestamp.now().advanced(by: .zero - ago).rfc3339])
  }

  private func status(_ database: TestDatabase) throws -> String? {
    try database.value("SELECT status FROM cognito.users")
  }

  func testWhatATriggerSawShortlyBeforeStaysUnlessCognitoChangedTheUserSince() throws {
    let minute = Duration.seconds(60)
    // When the row was seen, when Cognito last changed the user (nil: not said), how old the listing is.
    let rows: [(seen: Duration, modified: Duration?, listed: Duration, counts: Bool)] = [
      (minute * 1, minute * 60, .zero, false),
      (minute * 14, minute * 60, .zero, false),
      // The drift of a table that nobody has written for longer is mended.
      (minute * 16, minute * 60, .zero, true),
      (minute * 16, nil, .zero, true),
      (minute * 1, nil, .zero, false),
      // Changed at Cognito since: what is listed is newer than what was seen.
      (minute * 5, minute * 4, .zero, true),
      (minute * 5, minute * 6, .zero, false),
      // Seen after the listing was asked for; by the settling time before it; and longer ago.
      (minute * 1, minute * 60, minute * 30, false),
      (minute * 40, minute * 60, minute * 30, false),
      (minute * 46, minute * 60, minute * 30, true),
      // A clock of Cognito's that runs ahead makes no listing newer than it is.
      (.zero, minute * -10, minute * 1, false),
    ]
    for (index, row) in rows.enumerated() {
      let database = try database(seen: row.seen)
      let modified = row.modified.map { Timestamp.now().advanced(by: .zero - $0) }
      let listing = try listing(
        [(ada, "ada", "FORCE_CHANGE_PASSWORD", modified)], ago: row.listed)
      let report = try run(listing, on: database)
      XCTAssertEqual(report.counts.updated, row.counts ? 1 : 0, "\(index)")
      XCTAssertEqual(report.counts.stale, row.counts ? 0 : 1, "\(index)")
      XCTAssertEqual(report.verdict, row.counts ? .changed : .differencesLeft, "\(index)")
      XCTAssertEqual(
        try status(database), row.counts ? "FORCE_CHANGE_PASSWORD" : "CONFIRMED", "\(index)")
    }
  }

  func testTheNextRunAfterTheSettlingTimeMendsWhatWasLeft() throws {
    let database = try database(seen: .seconds(60))
    let users = [(ada, "ada", "RESET_REQUIRED", Timestamp.now().advanced(by: .seconds(-600)))]
      .map { (sub: $0.0, name: $0.1, status: $0.2, modified: Optional($0.3)) }
    XCTAssertEqual(try run(listing(users), on: database).counts.stale, 1)
    XCTAssertEqual(try run(listing(users), on: database, settle: .seconds(30)).counts.updated, 1)
    XCTAssertEqual(try run(listing(users), on: database).verdict, .inStep)
  }

  /// A listing's row is dated by what the listing can vouch for, so that it keeps no trigger's event out.
  func testAListingKeepsNoEventOutThatCameShortlyBefore() throws {
    let database = try TestDatabase()
    let now = Timestamp.now()
    _ = try run(
      listing([(ada, "ada", "FORCE_CHANGE_PASSWORD", now.advanced(by: .seconds(-3600)))]),
      on: database)
    let event = TestEvent(
      "PostConfirmation_ConfirmSignUp", sub: try XCTUnwrap(UUID(uuidString: ada)), userPoolID: pool)
    let user = try SyncedUser(
      TriggerEvent(event.bytes), observedAt: now.advanced(by: .seconds(-60)), requestID: "1",
      at: .confirmation)
    let answer = try database.owner.run(SyncUserCall(user), until: .after(.seconds(10)))
    XCTAssertEqual(answer.outcome, .updated)
    XCTAssertEqual(try status(database), "CONFIRMED")
  }

  func testADisabledUserIsMarkedSoAndASecondRunWritesNothing() throws {
    let database = try database(seen: .seconds(3600))
    let file = TestEnvironment.fixtures.appendingPathComponent("listings/disabled-user.json")
    let listing = { try FileListing(path: file.path, observedAt: .now()) }
    XCTAssertEqual(try run(listing(), on: database).counts.updated, 1)
    XCTAssertEqual(try database.value("SELECT enabled FROM cognito.users"), "f")
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users_live"), "0")
    let before = try database.value("SELECT xmin FROM cognito.users")
    XCTAssertEqual(try run(listing(), on: database).verdict, .inStep)
    XCTAssertEqual(try database.value("SELECT xmin FROM cognito.users"), before)
  }

  func testTheFieldsListingThatLagsIsStaleUntilTheSettlingTimeHasPassed() throws {
    let file = TestEnvironment.fixtures.appendingPathComponent("listings/lags.json")
    let listing = { try FileListing(path: file.path, observedAt: .now()) }
    let fresh = try database(seen: .seconds(60))
    XCTAssertEqual(try run(listing(), on: fresh).counts.stale, 1)
    XCTAssertEqual(try status(fresh), "CONFIRMED")
    let settled = try database(seen: .seconds(1200))
    XCTAssertEqual(try run(listing(), on: settled).counts.updated, 1)
  }

  /// One page of `ListUsers`, with Ada as she was listed.
  private func page(status: String, modified: Timestamp) -> ScriptedServer.Step {
    .answer(
      200,
      body: Array(
        """
        {"Users": [{"Username": "ada", "UserStatus": "\(status)", "Enabled": true,
          "UserLastModifiedDate": \(modified.microsecondsSinceEpoch / 1_000_000),
          "Attributes": [{"Name": "sub", "Value": "\(ada)"}]}]}
        """.utf8))
  }

  func testACognitoThatListsOldValuesAndThenNewOnesNeverSetsARowBack() throws {
    let now = Timestamp.now()
    let server = try ScriptedServer([
      // Behind; behind once more; and as a trigger saw her; and changed since.
      page(status: "FORCE_CHANGE_PASSWORD", modified: now.advanced(by: .seconds(-3600))),
      page(status: "FORCE_CHANGE_PASSWORD", modified: now.advanced(by: .seconds(-3600))),
      page(status: "CONFIRMED", modified: now.advanced(by: .seconds(-61))),
      page(status: "RESET_REQUIRED", modified: now.advanced(by: .seconds(-1))),
    ])
    let database = try database(seen: .seconds(60))
    let pool = try XCTUnwrap(UserPoolID(pool))
    let client = try CognitoClient(asking: "http://\(server.endpoint)")
    let rows: [(stale: Int, updated: Int, status: String)] = [
      (1, 0, "CONFIRMED"), (1, 0, "CONFIRMED"), (0, 0, "CONFIRMED"), (0, 1, "RESET_REQUIRED"),
    ]
    for (index, row) in rows.enumerated() {
      let report = try run(PoolListing(of: pool, client: client, rate: 1000), on: database)
      XCTAssertEqual(report.counts.stale, row.stale, "\(index)")
      XCTAssertEqual(report.counts.updated, row.updated, "\(index)")
      XCTAssertEqual(try status(database), row.status, "\(index)")
    }
    XCTAssertEqual(server.requests.count, 4)
  }

  // MARK: Who is not listed

  private let other = "00000000-5a6b-4c7d-8e9f-0a1b2c3d4e5f"

  /// Another user's listing, in which Ada is missing.
  private func listingWithoutAda() throws -> FileListing {
    try listing([(other, "other", "CONFIRMED", Timestamp.now().advanced(by: .seconds(-7200)))])
  }

  private func deleted(_ database: TestDatabase) throws -> String? {
    try database.value(
      "SELECT string_agg(username, ',' ORDER BY username) FROM cognito.users WHERE deleted_at IS NOT NULL"
    )
  }

  func testWhoWasSeenShortlyBeforeTheRunIsNotEvenAskedFor() throws {
    for (ago, isAsked) in [(840, false), (960, true)] {
      let database = try database(seen: .seconds(ago))
      let presence = ScriptedPresence()
      let report = try run(
        listingWithoutAda(), on: database, prunes: true, evidence: .presence(presence))
      XCTAssertEqual(presence.asked, isAsked ? ["ada"] : [])
      XCTAssertEqual(try deleted(database), isAsked ? "ada" : nil)
      XCTAssertEqual(report.counts.deleted, isAsked ? 1 : 0)
      XCTAssertNil(report.pruneRefusal)
      // By the listing alone it is the same.
      let trusting = try self.database(seen: .seconds(ago))
      _ = try run(listingWithoutAda(), on: trusting, prunes: true)
      XCTAssertEqual(try deleted(trusting), isAsked ? "ada" : nil)
    }
  }

  func testWhoIsThereWhenAskedIsKept() throws {
    let database = try database(seen: .seconds(3600))
    try write(UUID().uuidString, "bo", seen: .seconds(3600), in: database)
    try write(UUID().uuidString, nil, seen: .seconds(3600), in: database)
    let presence = ScriptedPresence()
    presence.answers = ["ada": .present, "-": .unknown]
    var kept: [String] = []
    var checked: [Double?] = []
    for isDryRun in [true, false] {
      (kept, checked) = ([], [])
      let report = try run(
        listingWithoutAda(), on: database, prunes: true, isDryRun: isDryRun,
        evidence: .presence(presence)
      ) { event in
        if case .kept(let sub) = event { kept.append(sub.description) }
        if case .checked(let progress) = event { checked.append(progress.fraction) }
      }
      XCTAssertEqual(report.counts.deleted, 1)
      XCTAssertEqual(report.counts.kept, 2)
      XCTAssertEqual(checked, [1.0 / 3, 2.0 / 3, 1], "it can take long, and shows how far it is")
      XCTAssertEqual(try deleted(database), isDryRun ? nil : "bo")
    }
    XCTAssertTrue(kept.contains(ada))
    XCTAssertEqual(presence.asked.count, 6)
  }

  func testATriggersWordDuringTheQuestionIsNewerThanItsAnswer() throws {
    let database = try database(seen: .seconds(3600))
    let presence = ScriptedPresence()
    presence.meanwhile = {
      try database.execute("UPDATE cognito.users SET observed_at = clock_timestamp()")
    }
    let report = try run(
      listingWithoutAda(), on: database, prunes: true, evidence: .presence(presence))
    XCTAssertEqual(report.counts.deleted, 0)
    XCTAssertEqual(report.counts.kept, 1)
    XCTAssertNil(try deleted(database))
  }

  func testWithoutThePermissionToAskNobodyIsMarkedAndTheRunSaysSo() throws {
    let database = try database(seen: .seconds(3600))
    let presence = ScriptedPresence()
    presence.failure = .cognito(.accessDenied(.getUser))
    let denied = try run(
      listingWithoutAda(), on: database, prunes: true, evidence: .presence(presence))
    presence.failure = .cognito(.credentialsUnavailable(.missing(searched: "the environment")))
    let keyless = try run(
      listingWithoutAda(), on: database, prunes: true, evidence: .presence(presence))
    let silent = try run(
      listingWithoutAda(), on: database, prunes: true, evidence: .none("no client"))
    for (report, reason) in [
      (denied, "cognito-idp:AdminGetUser"), (keyless, "AWS credentials"), (silent, "no client"),
    ] {
      XCTAssertEqual(report.verdict, .differencesLeft)
      let text = try XCTUnwrap(report.pruneRefusal).description
      XCTAssertTrue(text.contains(reason) && text.contains("--trust-listing"), text)
      XCTAssertNil(try deleted(database))
    }
    // Whatever else fails fails the run, and marks nobody.
    for failure: CognitoError in [.resourceNotFound, .notAuthorized(.getUser)] {
      presence.failure = .cognito(failure)
      let report = try run(
        listingWithoutAda(), on: database, prunes: true, evidence: .presence(presence))
      XCTAssertEqual(report.ending, .failed(failure.description))
      XCTAssertNil(try deleted(database))
    }
  }
}
