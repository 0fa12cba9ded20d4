import CognitoAPI
import Foundation
import TestSupport
import XCTest

/// `pooltable import`: a team's users of six frameworks, and what can go wrong. moto plays Cognito, and import_jobs.py
/// its import.
final class ImportCommandTests: XCTestCase {
  private static let role = "arn:aws:iam::123456789012:role/import"
  /// A pool, a database with the old table, and a folder for temporary files.
  private final class Scene {
    let moto: MotoServer
    let database: TestDatabase
    let pool: UserPoolID
    let temporary: URL

    init(
      _ name: String = "shop", attributes: [String] = ["legacy_id"],
      verifying: [String] = ["email", "phone_number"]
    ) throws {
      moto = try MotoServer.shared
      database = try TestDatabase()
      pool = try moto.createUserPool(name, customAttributes: attributes, verifying: verifying)
      temporary = FileManager.default.temporaryDirectory
        .appendingPathComponent("import-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: temporary) }

    var environment: [String: String] {
      moto.sessionEnvironment.merging([
        "DATABASE_URL": database.ownerURL, "pool": pool.text, "role": ImportCommandTests.role,
        "TMPDIR": temporary.path,
      ]) { $1 }
    }

    /// Runs `pooltable import`, which leaves no file behind.
    func run(
      _ arguments: String..., input: String = "", without: String? = nil, line: UInt = #line
    ) throws -> CommandRun {
      var environment = environment
      if let without { environment[without] = nil }
      let run = try CommandRun.pooltable(
        ["import", "--user-pool-id", pool.text] + arguments, environment: environment, input: input)
      XCTAssertEqual(
        try FileManager.default.contentsOfDirectory(atPath: temporary.path), [], line: line)
      return run
    }
  }

  private static let query = TestEnvironment.fixtures.appendingPathComponent("imports/users.sql")
    .path

  func testATeamsUsersOfSixFrameworksAreBroughtOverAsTheREADMESays() throws {
    let users = try LegacyUser.all
    let scene = try Scene()
    try users.addAccounts(to: scene.database)
    let session = try DocumentedSession(
      in: "Sources/CommandLine/README.md", beginning: "cat Fixtures/imports/users.sql")
    XCTAssertEqual(try session.differences(scene.environment), [])
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: scene.temporary.path), [])

    let client = try scene.moto.createClient(in: scene.pool)
    for user in users where user.algorithm != nil {
      XCTAssertNoThrow(
        try scene.moto.signIn(user.username, password: user.password, client: client),
        user.framework)
      XCTAssertThrowsError(
        try scene.moto.signIn(user.username, password: "\(user.password)x", client: client))
      let attributes = try scene.moto.attributes(of: user.username, in: scene.pool)
      XCTAssertEqual(attributes["custom:legacy_id"], user.legacyID)
      XCTAssertEqual(attributes["name"], "\(user.username), of old")
      XCTAssertEqual(
        try scene.database.value(
          "SELECT attributes ->> 'custom:legacy_id' FROM cognito.users WHERE username = $1::text",
          [user.username]), user.legacyID)
    }
    for user in users where user.algorithm == nil {
      XCTAssertThrowsError(try scene.moto.user(user.username, in: scene.pool), user.framework)
    }
    // Who is there is passed over: no job is made.
    let again = try scene.run("--query", Self.query, "--role-arn", Self.role, "--json")
    XCTAssertEqual(again.exitCode, 0, again.errors)
    XCTAssertTrue(again.output.contains(#""jobs":[],"present":6,"#), again.output)
    // Also when they have gone since.
    try scene.database.execute("UPDATE cognito.users SET deleted_at = now()")
    XCTAssertEqual(
      try scene.run("--query", Self.query, "--role-arn", Self.role, "--json").output, again.output)
  }

  func testNothingOfAUserIsShown() throws {
    let users = try LegacyUser.all
    let scene = try Scene("headed")
    try users.addAccounts(to: scene.database)
    try scene.database.execute(
      "UPDATE shop.accounts SET full_name = E'two\\nlines' WHERE login = 'flask1'")
    var shown = ""
    for arguments in [
      ["--dry-run"], ["--dry-run", "--json"], ["--role-arn", Self.role, "--json"],
    ] {
      let run = try CommandRun.pooltable(
        ["import", "--user-pool-id", scene.pool.text, "--query", Self.query] + arguments,
        environment: scene.environment)
      shown += run.output + run.errors
    }
    XCTAssertTrue(
      shown.contains("in no file: row 7, legacy_id flask-1001: name holds a line end"), shown)
    for user in users {
      XCTAssertEqual(try shown.givesAway([user.passwordHash, user.email, "lines", "of old"]), [])
    }
  }

  func testFilesAlone() throws {
    let scene = try Scene()
    try LegacyUser.all.addAccounts(to: scene.database)
    let folder = scene.temporary.appendingPathComponent("out").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func files() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }
    let arguments = [
      "import", "--user-pool-id", scene.pool.text, "--query", Self.query, "--out", folder,
    ]
    let run = try CommandRun.pooltable(arguments, environment: scene.environment)
    XCTAssertEqual(run.exitCode, 0, run.errors)
    let names = ["BCRYPT", "SCRYPT"].map { "\(scene.pool)-\($0)-1.csv" }
    XCTAssertEqual(try files(), names)
    XCTAssertTrue(run.output.contains("\(folder)/\(names[0]): 4 users, BCRYPT\n"), run.output)
    XCTAssertTrue(run.output.contains("12 users: 6 written, 6 by the trigger, 0 by a reset\n"))
    for name in names {
      let path = "\(folder)/\(name)"
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      XCTAssertEqual(attributes[.posixPermissions] as? Int, 0o600)
      let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      XCTAssertTrue(lines[0].hasPrefix("cognito:username,name,"))
      XCTAssertTrue(lines[0].hasSuffix(",cognito:mfa_enabled,custom:legacy_id,password_hash"))
      XCTAssertTrue(lines[1].contains(#"1\, of old,"#))
    }
    // What is there is not written over, and is not taken away.
    let again = try CommandRun.pooltable(arguments, environment: scene.environment)
    XCTAssertEqual(again.exitCode, 1)
    XCTAssertTrue(again.errors.contains("cannot be written: File exists"), again.errors)
    XCTAssertEqual(try files(), names)
    // And of a run that fails nothing is left.
    try FileManager.default.removeItem(atPath: "\(folder)/\(names[0])")
    XCTAssertEqual(
      try CommandRun.pooltable(arguments, environment: scene.environment).exitCode, 1)
    XCTAssertEqual(try files(), [names[1]])
  }

  func testUsersWhomCognitoDoesNotTakeAreNamedByTheirOldID() throws {
    let hash = try XCTUnwrap(LegacyUser.all.first).passwordHash
    let long = String(repeating: "x", count: 128)
    let rows = [
      "legacy_id,username,email,email_verified,password_hash", "1,ada,ada@example.com,t,\(hash)",
      "2,bob\(long),bob@example.com,t,\(hash)", ",carl\(long),carl@example.com,t,\(hash)",
    ].joined(separator: "\r\n")
    let scene = try Scene()
    let run = try scene.run(
      "--from", "-", "--role-arn", Self.role, input: rows, without: "DATABASE_URL")
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(
      run.errors.contains(": legacy_id 2: The User Record does not match the schema.\n"), run.errors
    )
    XCTAssertTrue(
      run.errors.contains(": row 3: The User Record does not match the schema.\n"), run.errors)
    XCTAssertTrue(
      run.output.hasSuffix(
        "3 users: 1 imported, 0 there already, 2 failed, 0 by the trigger, 0 by a reset\n"),
      run.output)
    // Without the log it is said where that stands.
    let silent = try Scene("silent")
    let quiet = try silent.run(
      "--from", "-", "--role-arn", Self.role, "--json", input: rows, without: "DATABASE_URL")
    XCTAssertEqual(quiet.exitCode, 1)
    XCTAssertTrue(
      quiet.errors.contains(
        "group /aws/cognito/userpools/\(silent.pool)/silent, stream import-"), quiet.errors)
    XCTAssertTrue(quiet.output.contains(#""failed":2,"failures":[],"id":"import-"#), quiet.output)
  }

  func testWhoIsInThePoolAlreadyIsPassedOverOnceTheTableKnows() throws {
    let hash = try XCTUnwrap(LegacyUser.all.first).passwordHash
    let rows = [
      "legacy_id,username,email,email_verified,password_hash",
      "1,newcomer,newcomer@example.com,t,\(hash)", "2,ada@example.com,ada@example.com,t,\(hash)",
    ].joined(separator: "\n")
    let scene = try Scene()
    // They signed up by themselves, so without a legacy_id; one of them where addresses are user names.
    try scene.moto.createUser(
      "newcomer", attributes: ["email": "newcomer@example.com"], in: scene.pool)
    func run() throws -> CommandRun {
      try scene.run("--from", "-", "--role-arn", Self.role, input: rows)
    }
    let first = try run()
    XCTAssertEqual(first.exitCode, 0, first.errors)
    XCTAssertTrue(first.output.contains("2 users: 1 imported, 1 there already"), first.output)
    XCTAssertEqual(first.errors, "")
    // Whom the pool has, and the table does not know, makes a job fail, which names them.
    let again = try run()
    XCTAssertEqual(again.exitCode, 1)
    for id in [1, 2] {
      XCTAssertTrue(
        again.errors.contains(": legacy_id \(id): The user already exists.\n"), again.errors)
    }
    XCTAssertTrue(
      again.errors.contains(
        ": Failed: Too many users have failed or been skipped during the import. (run 'pooltable "
          + "reconcile', then this again)\n"), again.errors)
    let reconciled = try CommandRun.pooltable(
      ["reconcile", "--user-pool-id", scene.pool.text], environment: scene.environment)
    XCTAssertTrue(reconciled.output.contains("2 inserted"), reconciled.errors)
    let last = try run()
    XCTAssertEqual(last.exitCode, 0, last.errors)
    XCTAssertTrue(last.output.hasSuffix(", 2 in the table\n"), last.output)
  }

  func testWhomCognitoWouldNotTakeIsNotCounted() throws {
    let hash = try XCTUnwrap(LegacyUser.all.first).passwordHash
    let rows = [
      "legacy_id,username,email,email_verified,phone_number,phone_number_verified,password_hash",
      "1,ada,ada@example.com,t,,,\(hash)", "2,bob,,t,+4930123,t,\(hash)",
      "3,carl,not-an-address,t,,,\(hash)", "4,dora,dora@example.com,t,030 123,t,\(hash)",
      "5,eve,eve@example.com,2024-01-01 00:00:00,,,\(hash)", "6,fay,fay@example.com,t,,t,\(hash)",
    ].joined(separator: "\n")
    let scene = try Scene(verifying: ["email"])
    let look = try scene.run("--from", "-", "--dry-run", input: rows, without: "DATABASE_URL")
    XCTAssertEqual(look.exitCode, 0, look.errors)
    XCTAssertEqual(
      look.output,
      """
      FORMAT  USERS  COMES BY        WHY
      bcrypt      2  import, BCRYPT  -
      bcrypt      1  the trigger     there is no verified e-mail address, which the pool asks for

      6 users: 2 can be imported, 1 by the trigger, 0 by a reset, 3 in no file

      """)
    for words in [
      "row 3, legacy_id 3: email has not the form that Cognito takes",
      "row 4, legacy_id 4: phone_number has not the form that Cognito takes",
      "row 5, legacy_id 5: email_verified is neither true nor false (of a time: email_verified_at IS NOT NULL",
    ] {
      XCTAssertTrue(look.errors.contains("in no file: \(words)"), look.errors)
    }
    let run = try scene.run(
      "--from", "-", "--role-arn", Self.role, input: rows, without: "DATABASE_URL")
    XCTAssertTrue(run.output.contains("6 users: 2 imported, 0 there already, 0 failed"), run.output)
    XCTAssertEqual(
      try scene.moto.attributes(of: "fay", in: scene.pool)["phone_number_verified"], "false")

    let unverified = try Scene(verifying: [])
    let refused = try unverified.run("--from", "-", "--dry-run", input: rows)
    XCTAssertEqual(refused.exitCode, 1)
    XCTAssertTrue(refused.errors.contains("(AutoVerifiedAttributes)"), refused.errors)
  }

  func testUsersWithoutAHash() throws {
    let scene = try Scene()
    let rows = """
      username,email,email_verified
      ada,ada@example.com,t
      bob,bob@example.com,f

      """
    let look = try scene.run("--from", "-", "--dry-run", input: rows)
    XCTAssertEqual(look.exitCode, 0, look.errors)
    XCTAssertTrue(
      look.output.hasSuffix("2 users: 0 can be imported, 0 by the trigger, 2 by a reset\n"),
      look.output)
    let json = try scene.run("--from", "-", "--dry-run", "--json", input: rows)
    XCTAssertEqual(
      json.output,
      #"{"complete":true,"dryRun":true,"formats":[{"format":"none","users":2,"way":"reset","why":"there is no hash"}],"#
        + #""importable":0,"present":0,"reset":2,"trigger":0,"unwritable":0,"users":2}"# + "\n")
    let run = try scene.run("--from", "-", "--reset", "--role-arn", Self.role, input: rows)
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(
      run.output,
      """
      FORMAT  USERS  COMES BY              WHY
      none        1  import, with a reset  there is no hash
      none        1  a reset               neither e-mail address nor phone number is verified

      2 users: 1 imported, 0 there already, 0 failed, 0 by the trigger, 1 by a reset

      """)
    XCTAssertEqual(try scene.moto.user("ada", in: scene.pool).status, "RESET_REQUIRED")
  }

  func testWhoIsThereIsKnownByNameOrAddressAndTheSourceMayBeAnotherDatabase() throws {
    let scene = try Scene(attributes: [])
    let old = try TestDatabase(migrated: false)
    try old.execute(
      """
      CREATE TABLE people (login text, address text);
      INSERT INTO people VALUES ('ada', 'ada@x.org'), ('Bob@Example.com', 'bob@x.org'), ('carl', 'carl@x.org')
      """)
    _ = try scene.database.addUser("ada", pool: scene.pool.text)
    _ = try scene.database.addUser("0b0b", pool: scene.pool.text)
    // Of another pool.
    _ = try scene.database.addUser("carl")
    try scene.database.execute(
      "UPDATE cognito.users SET email = 'bob@example.com' WHERE username = '0b0b'")
    let query = scene.temporary.deletingLastPathComponent()
      .appendingPathComponent("import-\(UUID().uuidString).sql").path
    defer { try? FileManager.default.removeItem(atPath: query) }
    try Data("SELECT login AS username, address AS email, 1 AS email_verified FROM people;".utf8)
      .write(to: URL(fileURLWithPath: query))
    let run = try scene.run(
      "--query", query, "--source-url", old.ownerURL, "--reset", "--role-arn", Self.role, "--json")
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertTrue(run.output.contains(#""present":2,"reset":0,"trigger":0"#), run.output)
    XCTAssertTrue(run.output.hasSuffix(#""users":3}"# + "\n"), run.output)
    XCTAssertEqual(try scene.moto.attributes(of: "carl", in: scene.pool)["email"], "carl@x.org")
    XCTAssertThrowsError(try scene.moto.user("ada", in: scene.pool))
  }

  func testWhatCannotBeDoneIsToldBeforeAnythingIs() throws {
    let scene = try Scene("old", attributes: [])
    try scene.database.execute("CREATE TABLE t AS SELECT 'ada'::text AS username")
    func file(_ sql: String) throws -> String {
      let path = scene.temporary.deletingLastPathComponent()
        .appendingPathComponent("import-\(UUID().uuidString).sql").path
      try Data(sql.utf8).write(to: URL(fileURLWithPath: path))
      addTeardownBlock { try? FileManager.default.removeItem(atPath: path) }
      return path
    }
    let rows: [(arguments: [String], input: String, words: String)] = [
      (
        ["--from", "-"], "username,legacy_id\nada,1\n",
        "no attribute custom:legacy_id for legacy_id"
      ),
      (["--from", "-"], "email\na@b.c\n", "there is no column username"),
      (["--from", "-"], "username,plan\n", "the user pool has no attribute plan"),
      (["--from", "-"], "", "it holds nothing"),
      (
        ["--from", "-"], "username,email\nada\n",
        "standard input: line 2: 1 value, where the header"
      ),
      (["--from", "-"], "username\n\"ada\n", "standard input: line 2: a quotation mark is never"),
      (["--from", "/nowhere/x.csv"], "", "/nowhere/x.csv: cannot be read: No such file"),
      (["--query", try file("SELECT nothing FROM t")], "", "SQLSTATE 42703"),
      (["--query", try file("SELECT 1; SELECT 2")], "", "SQLSTATE 42601"),
      (["--query", try file("DELETE FROM t")], "", "SQLSTATE 42601"),
      (["--query", try file("SELECT nextval('s') AS username")], "", "SQLSTATE 25006"),
      // At its first row, and after the first batch.
      (
        ["--query", try file("SELECT username, username::int AS name FROM t")], "",
        "SQLSTATE 22P02 (it must be one SELECT that psql takes, too: psql -f /"
      ),
      (
        [
          "--query",
          try file("SELECT n AS username, 1 / (6000 - n) AS name FROM generate_series(1, 7000) n"),
        ], "",
        "SQLSTATE 22012 (it must be one SELECT that psql takes, too: psql -f /"
      ),
      (["--query", "/nowhere/x.sql"], "", "/nowhere/x.sql: the file cannot be read"),
    ]
    try scene.database.execute("CREATE SEQUENCE s")
    for row in rows {
      let run = try CommandRun.pooltable(
        ["import", "--user-pool-id", scene.pool.text, "--role-arn", Self.role] + row.arguments,
        environment: scene.environment, input: row.input)
      XCTAssertEqual(run.exitCode, 1, row.words)
      XCTAssertEqual(run.output, "", row.words)
      XCTAssertTrue(run.errors.contains(row.words), "\(row.words): \(run.errors)")
    }
    // A pool that takes no hashes.
    let hash = try XCTUnwrap(LegacyUser.all.first).passwordHash
    let run = try scene.run(
      "--from", "-", "--role-arn", Self.role,
      input: "username,email,email_verified,password_hash\nada,a@b.c,t,\(hash)\n")
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.errors.contains("not every pool takes hashes"), run.errors)
    XCTAssertTrue(run.output.hasSuffix("0 by a reset\n"), run.output)
  }
}
