import Clock
import CognitoAPI
import CognitoTriggers
import Foundation
import JSON
import Postgres
import TestSupport
import TriggerFunction
import XCTest

@testable import Reconciliation
@testable import UserTable

/// Pages as a test wants them.
private final class PageListing: UserListing {
  let name = "test"
  let observedAt: Timestamp
  let fractionRead: Double? = nil
  private var pages: [[CognitoUser]]
  private let end: ListingError?
  private let betweenPages: () throws -> Void

  init(
    _ pages: [[CognitoUser]], observedAt: Timestamp = .now(), end: ListingError? = nil,
    betweenPages: @escaping () throws -> Void = {}
  ) {
    self.pages = pages
    self.observedAt = observedAt
    self.end = end
    self.betweenPages = betweenPages
  }

  func move(to position: String) throws(ListingError) {
    pages.removeFirst(Int(position) ?? 0)
  }

  func nextPage() throws(ListingError) -> ListedPage? {
    guard !pages.isEmpty else {
      if let end { throw end }
      return nil
    }
    var page = ListedPage(unit: "user", observedAt: observedAt)
    try? betweenPages()
    for (index, user) in pages.removeFirst().enumerated() {
      page.add(.success(user), at: Int64(index))
    }
    page.next = "1"
    return page
  }
}

final class ReconcilerTests: XCTestCase {
  private let pool = "eu-central-1_ExaMPLe01"
  private let subs = (0..<20).map { _ in UUID().uuidString.lowercased() }

  private func user(
    _ number: Int, status: String = "CONFIRMED", _ attributes: [String: String] = [:]
  ) throws -> CognitoUser {
    let values = ["sub": subs[number], "email": "u\(number)@example.com", "email_verified": "true"]
      .merging(attributes) { $1 }
    return try CognitoUser(
      .object([
        "Username": .string("u\(number)"), "UserStatus": .string(status), "Enabled": .boolean(true),
        "UserLastModifiedDate": .string("2026-01-02T03:04:05Z"),
        "Attributes": .array(
          values.map { .object(["Name": .string($0.key), "Value": .string($0.value)]) }),
      ]))
  }

  private func run(
    _ listing: PageListing, on database: TestDatabase,
    _ change: (inout Reconciler.Options) -> Void = { _ in },
    evidence: Pruning.Evidence = .listing,
    tell: @escaping (Reconciler.Event) -> Void = { _ in }
  ) throws -> Report {
    let pool = try XCTUnwrap(UserPoolID(pool))
    var options = Reconciler.Options()
    change(&options)
    let url = database.ownerURL
    let connection = TableConnection(pool: pool) { () throws(PostgresError) in
      guard let parameters = try? ConnectionParameters(parsing: url) else { throw .connectionLost }
      return try Connection.open(parameters, until: .after(.seconds(10)))
    }
    return Reconciler(
      pool, from: listing, to: connection, options: options, evidence: evidence, tell: tell
    ).run()
  }

  /// What a trigger writes for the same user.
  private func sign(_ number: Int, in database: TestDatabase, _ attributes: [String: Any] = [:])
    throws
  {
    let event = TestEvent(
      sub: try XCTUnwrap(UUID(uuidString: subs[number])), email: "u\(number)@example.com",
      userPoolID: pool, attributes: attributes)
    var named = event
    named.userName = "u\(number)"
    let function = try FunctionUnderTest(on: database)
    XCTAssertTrue(try function.invoke(named).echoes(named.bytes))
  }

  func testFillsAnEmptyTableAndThenFindsItInStep() throws {
    let database = try TestDatabase()
    let pages = try [(0..<10).map { try user($0) }, (10..<20).map { try user($0) }]
    let first = try run(PageListing(pages), on: database)
    XCTAssertEqual(first.verdict, .changed)
    XCTAssertEqual(first.counts.inserted, 20)
    XCTAssertEqual(
      try database.query(
        """
        SELECT username, email::text, email_verified::text, status, attributes::text,
          confirmed_at::text, extract(epoch FROM last_modified_at)::bigint::text
        FROM cognito.users WHERE sub = $1::uuid
        """, [subs[3]]),
      [["u3", "u3@example.com", "true", "CONFIRMED", "{}", nil, "1767323045"]])
    let second = try run(PageListing(pages), on: database)
    XCTAssertEqual(second.verdict, .inStep)
    XCTAssertEqual(second.counts.unchanged, 20)
  }

  func testWhoMayHaveSignedInWithoutARowIsCounted() throws {
    let database = try TestDatabase()
    try sign(0, in: database)
    let statuses = [
      "CONFIRMED", "CONFIRMED", "EXTERNAL_PROVIDER", "UNCONFIRMED", "FORCE_CHANGE_PASSWORD",
      "RESET_REQUIRED", "ARCHIVED", "",
    ]
    let users = try statuses.enumerated().map { try user($0, status: $1) }
    let report = try run(PageListing([users]), on: database)
    XCTAssertEqual(report.counts.inserted, 7)
    XCTAssertEqual(report.counts.signInsWithoutRow, 2, "not who was known, nor who cannot have")
    XCTAssertEqual(try run(PageListing([users]), on: database).counts.signInsWithoutRow, 0)
  }

  func testARunSaysWhetherItBroughtAWholeListingIn() throws {
    let database = try TestDatabase()
    let users = [try user(0)]
    let cases: [(PageListing, isDryRun: Bool, whole: String?)] = [
      (PageListing([users]), false, "true"), (PageListing([users]), true, nil),
      (PageListing([users], end: .cutShort(detail: "x")), false, "false"),
      (PageListing([]), false, "false"),
    ]
    for (index, (listing, isDryRun, whole)) in cases.enumerated() {
      _ = try run(listing, on: database, { $0.isDryRun = isDryRun })
      XCTAssertEqual(
        try database.value(
          """
          SELECT counts ->> 'whole' FROM cognito.reconciliations WHERE finished_at IS NOT NULL
          ORDER BY started_at DESC LIMIT 1
          """), whole, "\(index)")
      XCTAssertEqual(
        try database.value("SELECT count(finished_at) FROM cognito.reconciliations"),
        "\(index + 1)")
    }
  }

  func testWhatATriggerWroteIsInStep() throws {
    let database = try TestDatabase()
    try sign(
      0, in: database,
      ["cognito:email_alias": "u0@example.com", "custom:plan": "free", "identities": "[]"])
    let row = "SELECT to_jsonb(u) - 'last_modified_at' FROM cognito.users u"
    let before = try database.value(row)
    let listed = try user(0, ["custom:plan": "free", "identities": "[]"])
    let report = try run(PageListing([[listed]]), on: database)
    XCTAssertEqual(report.verdict, .inStep)
    XCTAssertEqual(report.counts.dated, 1)
    XCTAssertEqual(try database.value(row), before)
    // And it stays so.
    XCTAssertEqual(try run(PageListing([[listed]]), on: database).counts.unchanged, 1)
  }

  func testEveryDriftedColumnIsMendedAndNamed() throws {
    let database = try TestDatabase()
    let listed = try user(
      0, ["phone_number": "+15550100001", "phone_number_verified": "false", "name": "Ada"])
    _ = try run(PageListing([[listed]]), on: database)
    let drifts = [
      "username = 'x'", "username = NULL", "email = 'U0@example.com'", "email = NULL",
      "email_verified = false", "phone_number = NULL", "phone_number_verified = NULL",
      "status = 'UNCONFIRMED'", "enabled = false", "attributes = '{}'",
      "attributes = attributes || '{\"a\": \"b\"}'",
      "identities = '[]'", "deleted_at = now()",
    ]
    let row = "SELECT to_jsonb(u) - 'updated_at' - 'observed_at' FROM cognito.users u"
    let good = try database.value(row)
    for drift in drifts {
      try database.execute("UPDATE cognito.users SET \(drift)")
      var changes: [Difference.Change] = []
      let tell: (Reconciler.Event) -> Void = { event in
        if case .difference(let difference) = event { changes += difference.changes }
      }
      let dry = try run(PageListing([[listed]]), on: database, { $0.isDryRun = true }, tell: tell)
      XCTAssertEqual(dry.verdict, .differencesLeft, drift)
      XCTAssertEqual(changes.map(\.column), [String(drift.prefix { $0 != " " })])
      XCTAssertNotEqual(try database.value(row), good, "a dry run writes nothing")
      XCTAssertEqual(try run(PageListing([[listed]]), on: database).verdict, .changed, drift)
      XCTAssertEqual(try database.value(row), good, drift)
    }
  }

  func testAttributesThatOnlyEventsHaveStay() throws {
    let database = try TestDatabase()
    try sign(0, in: database, ["cognito:email_alias": "x", "custom:plan": "free"])
    let report = try run(
      PageListing([[try user(0, ["custom:plan": "paid"])]]), on: database, { $0.settle = .zero })
    XCTAssertEqual(report.counts.updated, 1)
    XCTAssertEqual(
      try database.value("SELECT attributes::text FROM cognito.users"),
      #"{"custom:plan": "paid", "cognito:email_alias": "x"}"#)
  }

  func testValuesAreShownOnlyWhenAskedFor() throws {
    let database = try TestDatabase()
    _ = try run(PageListing([[try user(0)]]), on: database)
    for withValues in [false, true] {
      var changes: [Difference.Change] = []
      let changed = try user(0, status: "RESET_REQUIRED", ["name": "Ada"])
      _ = try run(
        PageListing([[changed]]), on: database,
        {
          $0.isDryRun = true
          $0.withValues = withValues
        },
        tell: { event in if case .difference(let found) = event { changes += found.changes } })
      XCTAssertEqual(
        changes,
        withValues
          ? [
            .init(column: "status", old: "CONFIRMED", new: "RESET_REQUIRED"),
            .init(column: "attributes", old: "{}", new: #"{"name":"Ada"}"#),
          ] : [.init(column: "status"), .init(column: "attributes")])
    }
  }

  func testWhatATriggerWroteSinceThePageWasAskedForStays() throws {
    let database = try TestDatabase()
    let before = Timestamp.now().advanced(by: .seconds(-60))
    let pages = try [[user(0, ["custom:plan": "old"])], [user(1)]]
    var isFirst = true
    let listing = PageListing(
      pages, observedAt: before,
      betweenPages: {
        // After the first page was read, before it is in the table.
        if isFirst { try self.sign(0, in: database, ["custom:plan": "new"]) }
        isFirst = false
      })
    let report = try run(listing, on: database)
    XCTAssertEqual(report.verdict, .differencesLeft)
    XCTAssertEqual(report.counts.stale, 1)
    XCTAssertEqual(report.counts.inserted, 1)
    XCTAssertEqual(
      try database.value(
        "SELECT attributes ->> 'custom:plan' FROM cognito.users WHERE sub = $1::uuid", [subs[0]]),
      "new")
  }

  func testOfTwoInOnePageTheLastIsTaken() throws {
    let database = try TestDatabase()
    let page = try [user(0, ["name": "1"]), user(1), user(0, ["name": "2"])]
    let report = try run(PageListing([page]), on: database)
    XCTAssertEqual(report.counts.inserted, 2)
    XCTAssertEqual(
      try database.value(
        "SELECT attributes ->> 'name' FROM cognito.users WHERE sub = $1::uuid", [subs[0]]),
      "2")
  }

  func testUsersThatCannotBeHeldAreReportedAndTheOthersWritten() throws {
    let database = try TestDatabase()
    try database.execute(
      "ALTER TABLE cognito.users ADD CHECK (attributes ->> 'name' IS DISTINCT FROM 'canary')")
    var page = try (0..<20).map { try user($0, $0 == 7 ? ["name": "canary"] : [:]) }
    page.append(try CognitoUser(.object(["Username": .string("canary")])))
    var told: [String] = []
    let report = try run(
      PageListing([page]), on: database,
      tell: { event in
        switch event {
        case .refused(let user): told.append("\(user)")
        case .skipped(let user): told.append("\(user)")
        default: break
        }
      })
    XCTAssertEqual(report.verdict, .differencesLeft)
    XCTAssertEqual(report.counts.inserted, 19)
    XCTAssertEqual(report.counts.refused, 1)
    XCTAssertEqual(report.counts.skipped, 1)
    XCTAssertEqual(told.first, "user 20: the user has no sub")
    XCTAssertTrue(told.last?.hasPrefix("\(subs[7]): the statement failed, SQLSTATE 23514") == true)
    XCTAssertFalse(told.joined().contains("canary"))
  }

  func testARowThatATriggerLeavesOutIsReported() throws {
    let database = try TestDatabase()
    try database.execute(
      """
      CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER skip BEFORE INSERT ON cognito.users FOR EACH ROW
      WHEN (NEW.username = 'u1') EXECUTE FUNCTION skip();
      """)
    let report = try run(PageListing([try (0..<3).map { try user($0) }]), on: database)
    XCTAssertEqual(report.counts.inserted, 2)
    XCTAssertEqual(report.counts.refused, 1)
    XCTAssertEqual(report.verdict, .differencesLeft)
  }

  func testPruningMarksWhoIsNotListedAndTheListingUnmarks() throws {
    let database = try TestDatabase()
    let all = try (0..<20).map { try user($0) }
    _ = try run(PageListing([all]), on: database)
    let fewer = PageListing([Array(all.dropFirst())])
    let dry = try run(
      fewer, on: database,
      {
        $0.prunes = true
        $0.isDryRun = true
      })
    XCTAssertEqual(dry.counts.deleted, 1)
    let deleted = "SELECT count(*) FROM cognito.users WHERE deleted_at IS NOT NULL"
    XCTAssertEqual(try database.value(deleted), "0")
    let report = try run(PageListing([Array(all.dropFirst())]), on: database, { $0.prunes = true })
    XCTAssertEqual(report.verdict, .changed)
    XCTAssertEqual(report.counts.deleted, 1)
    XCTAssertEqual(
      try database.value("SELECT sub::text FROM cognito.users WHERE deleted_at IS NOT NULL"),
      subs[0])
    XCTAssertEqual(
      try database.value("SELECT count(*) FROM cognito.reconciliation_sightings"), "0")
    let back = try run(
      PageListing([all]), on: database,
      {
        $0.prunes = true
        $0.settle = .zero
      })
    XCTAssertEqual(back.counts.updated, 1)
    XCTAssertEqual(try database.value(deleted), "0")
  }

  func testPruningIsRefusedWhereTheListingMayNotBeThePool() throws {
    let database = try TestDatabase()
    let all = try (0..<20).map { try user($0) }
    _ = try run(PageListing([all]), on: database)
    let fewer = Array(all.dropFirst(2))
    let noSub = try CognitoUser(.object(["Username": .string("x")]))
    let cases: [(PageListing, (inout Reconciler.Options) -> Void, Pruning.Refusal)] = [
      (PageListing([fewer]), { _ in }, .tooMany(2, of: 20, limit: 5)),
      (PageListing([fewer]), { $0.isDryRun = true }, .tooMany(2, of: 20, limit: 5)),
      (PageListing([fewer + [noSub]]), { $0.pruneLimit = 100 }, .unreadable(1)),
      (
        PageListing([fewer], end: .cutShort(detail: "x")), { $0.pruneLimit = 100 }, .incomplete
      ),
    ]
    for (listing, change, refusal) in cases {
      let report = try run(
        listing, on: database,
        {
          $0.prunes = true
          change(&$0)
        })
      XCTAssertEqual(report.pruneRefusal, refusal)
      XCTAssertEqual(report.verdict, .differencesLeft)
    }
    XCTAssertEqual(
      try database.value("SELECT count(*) FROM cognito.users WHERE deleted_at IS NOT NULL"), "0")
    // Exactly the limit is not more.
    let report = try run(
      PageListing([fewer]), on: database,
      {
        $0.prunes = true
        $0.pruneLimit = 10
      })
    XCTAssertEqual(report.counts.deleted, 2)
  }

  func testPruningLeavesOtherPoolsAndWhoCameSince() throws {
    let database = try TestDatabase()
    _ = try run(PageListing([[try user(0), try user(1)]]), on: database)
    try database.execute(
      """
      INSERT INTO cognito.users (user_pool_id, sub, observed_at)
      VALUES ('eu-central-1_Other', gen_random_uuid(), '2020-01-01')
      """)
    let listing = PageListing(
      [[try user(0)]], betweenPages: { try self.sign(5, in: database) })
    let report = try run(
      listing, on: database,
      {
        $0.prunes = true
        $0.pruneLimit = 100
      })
    XCTAssertEqual(report.counts.deleted, 1)
    XCTAssertEqual(
      try database.value("SELECT sub::text FROM cognito.users WHERE deleted_at IS NOT NULL"),
      subs[1])
  }

  func testPruningLeavesWhoWasSeenAtTheMomentTheListingBegan() throws {
    let database = try TestDatabase()
    let began = Timestamp.now()
    _ = try run(PageListing([[try user(0), try user(1)]], observedAt: began), on: database)
    for isDryRun in [true, false] {
      let report = try run(
        PageListing([[try user(0)]], observedAt: began), on: database,
        {
          $0.prunes = true
          $0.pruneLimit = 100
          $0.isDryRun = isDryRun
        })
      XCTAssertEqual(report.counts.deleted, 0)
    }
  }

  func testPruningCountsWhoWasListedInThisRunOnlyAndNobodyTwice() throws {
    let database = try TestDatabase()
    _ = try run(PageListing([[try user(0), try user(1), try user(2)]]), on: database)
    try database.query(
      "INSERT INTO cognito.reconciliation_sightings VALUES (gen_random_uuid(), $1::uuid)", [subs[2]]
    )
    let steps: [(listed: [Int], isDryRun: Bool, deleted: Int)] = [
      ([0, 1], false, 1), ([0], true, 1), ([0], false, 1), ([0], true, 0),
    ]
    for step in steps {
      let report = try run(
        PageListing([try step.listed.map { try user($0) }]), on: database,
        {
          $0.prunes = true
          $0.pruneLimit = 100
          $0.isDryRun = step.isDryRun
        })
      XCTAssertEqual(report.counts.deleted, step.deleted, "\(step)")
    }
  }

  func testPruningIsRefusedWhenTheServerForgotWhoWasSeen() throws {
    let database = try TestDatabase()
    let all = try (0..<20).map { try user($0) }
    _ = try run(PageListing([all]), on: database)
    var pages = 0
    let listing = PageListing(
      [Array(all.prefix(10)), Array(all.dropFirst(11))],
      betweenPages: {
        pages += 1
        // What a crash of the server leaves of an unlogged table.
        if pages == 2 {
          Deadline.after(.milliseconds(200)).sleep()
          try database.execute("TRUNCATE cognito.reconciliation_sightings")
        }
      })
    let report = try run(
      listing, on: database,
      {
        $0.prunes = true
        $0.pruneLimit = 100
      })
    XCTAssertEqual(report.pruneRefusal, .sightingsLost)
    XCTAssertEqual(report.counts.deleted, 0)
  }

  func testGoesOnWhereAnInterruptedRunWas() throws {
    let database = try TestDatabase()
    let pages = try [[user(0)], [user(1)]]
    let first = try run(
      PageListing(Array(pages.prefix(1)), end: .interrupted()), on: database, { $0.prunes = true })
    XCTAssertEqual(first.ending, .interrupted())
    XCTAssertEqual(first.verdict, .differencesLeft)
    XCTAssertTrue(first.isResumable)
    // A run of another kind is no continuation.
    var resumed: [Int] = []
    let tell: (Reconciler.Event) -> Void = { event in
      if case .resumed(let listed) = event { resumed.append(listed) }
    }
    let second = try run(
      PageListing(pages), on: database,
      {
        $0.prunes = true
        $0.resumes = true
      }, tell: tell)
    XCTAssertEqual(resumed, [1])
    XCTAssertEqual(second.counts.listed, 2)
    XCTAssertEqual(second.counts.inserted, 2)
    XCTAssertNil(second.pruneRefusal)
    // It is finished now: the next one begins anew.
    let third = try run(PageListing(pages), on: database, { $0.resumes = true }, tell: tell)
    XCTAssertEqual(third.counts.unchanged, 2)
    XCTAssertEqual(resumed, [1])
  }

  func testWithoutBeingAskedToNoRunGoesOnWhereAnotherWas() throws {
    let database = try TestDatabase()
    let pages = try [[user(0)], [user(1)]]
    let first = try run(PageListing(Array(pages.prefix(1)), end: .interrupted()), on: database)
    XCTAssertTrue(first.isResumable)
    let second = try run(
      PageListing(pages), on: database,
      tell: { event in
        if case .resumed = event { XCTFail("resumed") }
      })
    XCTAssertEqual(second.counts.listed, 2)
    XCTAssertEqual(second.counts.unchanged, 1)
  }

  func testOnlyOneRunAtATimeForAPool() throws {
    let database = try TestDatabase()
    var inner: Report?
    let listing = PageListing(
      [[try user(0)]],
      betweenPages: { inner = try self.run(PageListing([[try self.user(1)]]), on: database) })
    XCTAssertEqual(try run(listing, on: database).verdict, .changed)
    XCTAssertEqual(inner?.ending, .failed(ReconciliationError.alreadyRunning.description))
  }

  func testALostConnectionIsOpenedAgain() throws {
    let database = try TestDatabase()
    let listing = PageListing(
      try (0..<6).map { [try user($0)] },
      betweenPages: {
        try database.execute(
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()
          """)
      })
    let report = try run(listing, on: database)
    XCTAssertEqual(report.ending, .complete)
    XCTAssertEqual(report.counts.inserted + report.counts.unchanged, 6)
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "6")
  }

  func testTriggersAndAListingAtTheSameMomentLoseNothing() throws {
    let database = try TestDatabase()
    let rival = try database.connect()
    nonisolated(unsafe) var done = false
    let lock = NSLock()
    // A handler's calls for the same users, over and over, new and changed.
    let group = DispatchGroup()
    group.enter()
    nonisolated(unsafe) let connection = rival
    let subs = self.subs
    let pool = self.pool
    Thread.detachNewThread {
      defer { group.leave() }
      var count = 0
      while lock.withLock({ !done }), count < 20_000 {
        let number = count % 20
        count += 1
        _ = try? connection.query(
          """
          SELECT outcome FROM cognito.sync_user($1, $2::uuid, $3, $4, true, NULL, NULL, 'CONFIRMED',
            NULL, jsonb_build_object('n', $5::text), NULL, NULL, NULL, NULL, NULL, clock_timestamp(), NULL)
          """, [pool, subs[number], "u\(number)", "u\(number)@example.com", "\(count)"],
          until: .after(.seconds(10)))
      }
    }
    let page = try (0..<20).map { try user($0) }
    for _ in 1...50 {
      let report = try run(
        PageListing([page], observedAt: .now().advanced(by: .seconds(-1))), on: database)
      XCTAssertEqual(report.ending, .complete)
      XCTAssertEqual(report.counts.refused, 0)
    }
    lock.withLock { done = true }
    XCTAssertEqual(group.wait(timeout: .now() + 60), .success)
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "20")
  }
}
