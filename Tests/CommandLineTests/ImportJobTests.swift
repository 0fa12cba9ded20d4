import Clock
import Foundation
import LocalLambda
import TestSupport
import XCTest

/// The jobs of `pooltable import`, call by call: a scripted server plays Cognito, Amazon S3 and CloudWatch Logs.
final class ImportJobTests: XCTestCase {
  private typealias Step = ScriptedServer.Step

  private static let pool = "eu-central-1_a1B2c3D4e"
  private static let users = """
    username,email,email_verified,password_hash
    ada,ada@example.com,t,$2b$12$\(String(repeating: ".", count: 53))
    bob,bob@example.com,t,$2b$12$\(String(repeating: ".", count: 53))

    """
  private static let header =
    "cognito:username,email,email_verified,phone_number,phone_number_verified,cognito:mfa_enabled"

  private static func answer(_ object: [String: Any]) throws -> Step {
    .answer(200, body: Array(try JSONSerialization.data(withJSONObject: object)))
  }

  private static func refusal(_ type: String) -> Step {
    .answer(400, body: Array(#"{"__type":"\#(type)","message":"secret"}"#.utf8))
  }

  private static func columns() throws -> Step {
    try answer(["UserPoolId": pool, "CSVHeader": header.components(separatedBy: ",")])
  }

  private static func described() throws -> Step {
    try answer(["UserPool": ["Name": "shop", "AutoVerifiedAttributes": ["email"]]])
  }

  private static func job(
    _ status: String, imported: Int = 0, failed: Int = 0, skipped: Int = 0, url: String? = nil,
    message: String? = nil
  ) throws -> Step {
    var job: [String: Any] = [
      "JobId": "import-1a", "JobName": "pooltable-BCRYPT-1", "Status": status,
      "ImportedUsers": imported, "FailedUsers": failed, "SkippedUsers": skipped,
    ]
    job["PreSignedUrl"] = url
    job["CompletionMessage"] = message
    return try answer(["UserImportJob": job])
  }

  /// One for each host: each serves a connection at a time.
  private struct Servers {
    let cognito, s3, logs: ScriptedServer

    init(
      _ steps: (_ url: String) throws -> [Step], s3 uploads: [Step] = [.answer(200)],
      logs pages: [Step] = []
    ) throws {
      s3 = try ScriptedServer(uploads)
      logs = try ScriptedServer(pages)
      cognito = try ScriptedServer(try steps("http://\(s3.endpoint)/file?X-Amz-Signature=hidden"))
    }

    var environment: [String: String] {
      [
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(cognito.endpoint)",
        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": "http://\(logs.endpoint)",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b", "PATH": "/usr/bin:/bin",
      ]
    }

    var calls: [String] {
      cognito.requests.compactMap {
        $0.headers["x-amz-target"]?.split(separator: ".").last.map(String.init)
      }
    }
  }

  private static let arguments = [
    "import", "--user-pool-id", pool, "--from", "-", "--role-arn", "arn:aws:iam::1:role/import",
  ]

  private func run(
    _ servers: Servers, _ arguments: String..., line: UInt = #line
  ) throws -> CommandRun {
    defer { withExtendedLifetime(servers) {} }
    let run = try CommandRun.pooltable(
      Self.arguments + arguments, environment: servers.environment, input: Self.users)
    XCTAssertEqual(
      try (run.output + run.errors).givesAway(["hidden", "secret", "$2b$", "example.com"]), [],
      line: line)
    return run
  }

  func testAJobIsMadeSentStartedAndWatched() throws {
    let servers = try Servers { url in
      [
        try Self.described(), try Self.columns(), try Self.job("Created", url: url),
        try Self.job("Pending"),
        try Self.job("InProgress"), try Self.job("InProgress", imported: 1),
        try Self.job("Succeeded", imported: 2),
      ]
    }
    let run = try run(servers)
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(
      servers.calls,
      ["DescribeUserPool", "GetCSVHeader", "CreateUserImportJob", "StartUserImportJob"]
        + Array(repeating: "DescribeUserImportJob", count: 3))
    let made = try XCTUnwrap(
      JSONSerialization.jsonObject(with: Data(servers.cognito.requests[2].body))
        as? [String: String])
    XCTAssertEqual(
      made,
      [
        "UserPoolId": Self.pool, "JobName": "pooltable-BCRYPT-1",
        "PasswordHashingAlgorithm": "BCRYPT", "CloudWatchLogsRoleArn": "arn:aws:iam::1:role/import",
      ])
    let upload = try XCTUnwrap(servers.s3.requests.first)
    XCTAssertEqual(upload.line, "PUT /file?X-Amz-Signature=hidden")
    XCTAssertEqual(upload.headers["x-amz-server-side-encryption"], "aws:kms")
    XCTAssertNil(upload.headers["content-type"])
    XCTAssertNil(upload.headers["authorization"])
    let hash = "$2b$12$" + String(repeating: ".", count: 53)
    XCTAssertEqual(
      String(decoding: upload.body, as: UTF8.self),
      """
      \(Self.header),password_hash
      ada,ada@example.com,true,,false,,\(hash)
      bob,bob@example.com,true,,false,,\(hash)

      """)
  }

  func testWhatEndsAJobBeforeItsEnd() throws {
    let ended = Self.refusal("PreconditionNotMetException")
    let rows: [(steps: (String) throws -> [Step], s3: [Step], words: String)] = [
      (
        { _ in [try Self.described(), try Self.columns(), Self.refusal("LimitExceededException")] },
        [],
        "a pool keeps 1,000 import jobs"
      ),
      (
        { _ in [try Self.described(), try Self.columns(), Self.refusal("AccessDeniedException")] },
        [],
        "cognito-idp:CreateUserImportJob"
      ),
      (
        { _ in [try Self.described(), try Self.columns(), try Self.job("Created")] }, [],
        "no URL to send the file to"
      ),
      (
        { _ in
          [
            try Self.described(), try Self.columns(),
            try Self.job("Created", url: "http://example.org/hidden"),
          ]
        },
        [],
        "is not encrypted: nothing was sent"
      ),
      (
        { _ in
          [
            try Self.described(), try Self.columns(),
            try Self.job("Created", url: "http://127.0.0.1.example.org/hidden"),
          ]
        }, [], "is not encrypted: nothing was sent"
      ),
      (
        { _ in
          [
            try Self.described(), try Self.columns(),
            try Self.job("Created", url: "http://localhost:x@example.org/hidden"),
          ]
        }, [], "is not encrypted: nothing was sent"
      ),
      (
        { [try Self.described(), try Self.columns(), try Self.job("Created", url: $0)] },
        [.answer(403)],
        "Amazon S3 refused the file with status 403"
      ),
      (
        {
          [
            try Self.described(), try Self.columns(), try Self.job("Created", url: $0), ended,
            try Self.job("Created"),
          ]
        },
        [.answer(200)], "an account has one import at a time"
      ),
      (
        {
          [
            try Self.described(), try Self.columns(), try Self.job("Created", url: $0),
            try Self.job("Pending"),
            try Self.job("Failed", message: "Amazon Cognito is unable to parse the .csv file."),
          ]
        }, [.answer(200)], "import-1a: Failed: Amazon Cognito is unable to parse the .csv file."
      ),
      (
        {
          [
            try Self.described(), try Self.columns(), try Self.job("Created", url: $0),
            try Self.job("Pending"),
            Self.refusal("ResourceNotFoundException"),
          ]
        }, [.answer(200)], "the job import-1a goes on at Cognito"
      ),
    ]
    for row in rows {
      let servers = try Servers(row.steps, s3: row.s3)
      let run = try run(servers)
      XCTAssertEqual(run.exitCode, 1, row.words)
      XCTAssertTrue(run.errors.contains(row.words), "\(row.words): \(run.errors)")
      XCTAssertEqual(servers.s3.requests.count, row.s3.count, row.words)
    }
  }

  func testAJobThatFailedNamesWhoWasSkippedAndWhatToDoBeforeAnotherRun() throws {
    let servers = try Servers(
      { url in
        [
          try Self.described(), try Self.columns(), try Self.job("Created", url: url),
          try Self.job("Pending"),
          try Self.job("Failed", failed: 1, skipped: 1, message: "Too many users."),
          // Of the second file of three.
          Self.refusal("LimitExceededException"),
        ]
      },
      logs: [
        try Self.answer([
          "events": [
            ["message": "[SKIPPED] Line Number 2 - The user already exists."],
            ["message": "[FAILED] Line Number 3 - The record."],
          ]
        ])
      ])
    defer { withExtendedLifetime(servers) {} }
    let scrypt = "scrypt:16384:8:1$salt$" + String(repeating: "ab", count: 64)
    let run = try CommandRun.pooltable(
      Self.arguments + ["--reset"], environment: servers.environment,
      input: Self.users + "carl,carl@example.com,t,\(scrypt)\ndora,dora@example.com,t,\n")
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(
      run.errors.hasPrefix(
        """
        import-1a: row 1: The user already exists.
        import-1a: row 2: The record.
        Error: import-1a: Failed: Too many users. (run 'pooltable reconcile', then this again)

        """), run.errors)
    XCTAssertTrue(
      run.output.hasSuffix(
        "4 users: 0 imported, 1 there already, 1 failed, 0 by the trigger, 0 by a reset; stopped: run "
          + "'pooltable reconcile', then this again\n"), run.output)
    XCTAssertTrue(
      String(decoding: try XCTUnwrap(servers.logs.requests.last).body, as: UTF8.self)
        .contains(#""filterPattern":"?FAILED ?SKIPPED""#))
  }

  func testWhatPassesByItselfIsTriedAgain() throws {
    let servers = try Servers(
      { url in
        [
          Self.refusal("TooManyRequestsException"), try Self.described(), try Self.columns(),
          try Self.job("Created", url: url),
          // Its answer was lost: it has been started.
          .hangUp, Self.refusal("PreconditionNotMetException"), try Self.job("Pending"),
          .answer(500), try Self.job("Succeeded", imported: 2),
        ]
      }, s3: [.answer(503), .answer(200)])
    let run = try run(servers, "--json")
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(servers.s3.requests.count, 2)
    XCTAssertTrue(run.output.contains(#""imported":2,"#), run.output)
  }

  func testFailuresAreReadFromTheLogPageByPage() throws {
    let servers = try Servers(
      { url in
        [
          try Self.described(), try Self.columns(), try Self.job("Created", url: url),
          try Self.job("Pending"),
          try Self.job("Succeeded", failed: 2),
        ]
      },
      logs: [
        try Self.answer(["events": [], "nextToken": "1"]),
        try Self.answer([
          "events": [
            ["message": "[FAILED] Line Number 3 - The \u{1B}[2Jrecord.\n"],
            ["message": "[SUCCEEDED] Line Number 2 - FAILED is only a word here."],
            ["message": "[FAILED] Line Number 99 - Nobody's."],
          ]
        ]),
      ])
    let run = try run(servers)
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertEqual(
      run.errors,
      """
      import-1a: row 2: The \u{FFFD}[2Jrecord.\u{FFFD}
      import-1a: a user: Nobody's.

      """)
    let asked = try XCTUnwrap(
      JSONSerialization.jsonObject(with: Data(try XCTUnwrap(servers.logs.requests.last).body))
        as? [String: Any])
    XCTAssertEqual(asked["logGroupName"] as? String, "/aws/cognito/userpools/\(Self.pool)/shop")
    XCTAssertEqual(asked["logStreamNames"] as? [String], ["import-1a/pooltable-BCRYPT-1"])
    XCTAssertEqual(asked["nextToken"] as? String, "1")
    XCTAssertEqual(asked["filterPattern"] as? String, "FAILED")

    let denied = try Servers(
      { url in
        [
          try Self.described(), try Self.columns(), try Self.job("Created", url: url),
          try Self.job("Pending"),
          try Self.job("Succeeded", imported: 1, failed: 1),
        ]
      }, logs: [Self.refusal("AccessDeniedException")])
    XCTAssertEqual(
      try self.run(denied).errors,
      "import-1a: logs:FilterLogEvents is not allowed here; the rest stands in CloudWatch Logs: group "
        + "/aws/cognito/userpools/\(Self.pool)/shop, stream import-1a/pooltable-BCRYPT-1\n")
  }

  /// Sends a signal to an import once something has happened, and returns what the import says at its end.
  private func interrupt(
    _ servers: Servers, once description: String, _ hasHappened: () -> Bool
  ) throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("import-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let input = folder.appendingPathComponent("users.csv")
    try Data(Self.users.utf8).write(to: input)
    let process = try BootstrapProcess(
      executable: TestEnvironment.products.appendingPathComponent("pooltable").path,
      arguments: Self.arguments.map { $0 == "-" ? input.path : $0 },
      environment: servers.environment.merging(["TMPDIR": folder.path]) { $1 })
    try eventually(description, hasHappened)
    // Also while it runs the file has no name.
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path), ["users.csv"])
    process.send(signal: SIGINT)
    XCTAssertEqual(process.waitForExit(until: .after(.seconds(30))), .exited(1))
    return String(decoding: process.log, as: UTF8.self)
  }

  func testASignalLeavesTheJobToCognito() throws {
    let servers = try Servers { url in
      [
        try Self.described(), try Self.columns(), try Self.job("Created", url: url),
        try Self.job("Pending"),
      ]
        + Array(repeating: try Self.job("InProgress", imported: 1), count: 100)
    }
    let log = try interrupt(servers, once: "five requests") { servers.cognito.requests.count >= 5 }
    XCTAssertTrue(log.contains("interrupted; the job import-1a goes on at Cognito"), log)
    XCTAssertFalse(servers.calls.contains("StopUserImportJob"))
  }

  func testASignalEndsTheWaitForAnotherUpload() throws {
    // Another try where this machine was held up for the two seconds of the wait.
    let isGivenUp = try (1...3).contains { _ in
      let servers = try Servers(
        { url in [try Self.described(), try Self.columns(), try Self.job("Created", url: url)] },
        s3: Array(repeating: .answer(503), count: 3))
      let log = try interrupt(servers, once: "two uploads") { servers.s3.requests.count >= 2 }
      XCTAssertTrue(log.contains("import-1a: Amazon S3 refused the file"), log)
      XCTAssertFalse(servers.calls.contains("StartUserImportJob"))
      return servers.s3.requests.count == 2
    }
    XCTAssertTrue(isGivenUp)
  }
}
