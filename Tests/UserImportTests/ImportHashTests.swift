import PasswordHashes
import TestSupport
import XCTest

@testable import UserImport

final class ImportHashTests: XCTestCase {
  func testWhatOtherSoftwareMadeIsTheSamePasswordsInCognitosForm() throws {
    let password = "Pässword, of 日本"
    let made = try HashedPasswords.made(of: password)
    XCTAssertEqual(made.count, 12)
    var algorithms: Set<ImportAlgorithm> = []
    for each in made {
      let verdict = HashVerdict(of: each.hash, isPeppered: false)
      guard case .file(let algorithm?) = verdict.way, let hash = verdict.hash else {
        XCTFail("\(each.name): \(verdict)")
        continue
      }
      algorithms.insert(algorithm)
      XCTAssertTrue(
        try HashedPasswords.verifies(hash, algorithm.rawValue, password: password),
        "\(each.name): \(hash)")
    }
    XCTAssertEqual(algorithms, Set(ImportAlgorithm.allCases))
  }

  func testFormsAndTheirBounds() throws {
    func bcrypt(_ start: String) -> String { start + String(repeating: ".", count: 53) }
    let (salt, digest) = ([UInt8](0..<16), [UInt8](200..<232))
    func argon2(_ parameters: String, _ start: String = "$argon2id$v=19") -> String {
      "\(start)$\(parameters)$AAECAwQFBgcICQoLDA0ODw$yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5uc"
    }
    let hex = { (bytes: [UInt8]) in
      bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
    let base64 = "yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5uc"
    func pbkdf2(_ iterations: Int) -> String {
      "$pbkdf2-sha256$\(iterations)$AAECAwQFBgcICQoLDA0ODw$\(base64)"
    }
    func scrypt(_ parameters: String) -> String {
      "$scrypt$\(parameters)$AAECAwQFBgcICQoLDA0ODw$\(base64)"
    }
    let rows: [(text: String, isPeppered: Bool, form: ImportConversion)] = [
      (bcrypt("$2y$12$"), false, .form(.bcrypt, bcrypt("$2y$12$"))),
      (bcrypt("$2a$04$"), false, .form(.bcrypt, bcrypt("$2a$04$"))),
      (bcrypt("$2b$13$"), false, .none("its cost is more than 12")),
      (bcrypt("$2a$12$"), true, .none("it is made with a pepper")),
      (
        "bcrypt_sha256$" + bcrypt("$2b$12$"), false,
        .none("what it is of is no password, but a hash")
      ),
      (argon2("m=19456,t=2,p=1"), true, .form(.argon2id, argon2("m=19456,t=2,p=1"))),
      (argon2("m=19457,t=2,p=1"), false, .none("its parameters are more than m=19456, t=2, p=1")),
      (argon2("m=19456,t=3,p=1"), false, .none("its parameters are more than m=19456, t=2, p=1")),
      (argon2("m=19456,t=2,p=2"), false, .none("its parameters are more than m=19456, t=2, p=1")),
      (argon2("m=16,t=2,p=1", "$argon2i$v=19"), false, .none("it is not Argon2id of version 19")),
      (argon2("m=16,t=2,p=1", "$argon2id$v=16"), false, .none("it is not Argon2id of version 19")),
      (
        pbkdf2(600_000), false,
        .form(.pbkdf2SHA256, String(pbkdf2(600_000).map { $0 == "+" ? "." : $0 }))
      ),
      (pbkdf2(600_001), false, .none("it has more than 600,000 iterations")),
      (
        "pbkdf2:sha512:1000$ab$" + hex(digest + digest), false, .none("it is not PBKDF2 of SHA-256")
      ),
      (
        "pbkdf2:sha256:1000$ab$" + hex(digest + digest), false, .none("it is not PBKDF2 of SHA-256")
      ),
      (
        scrypt("ln=16,r=8,p=1"), false,
        .form(.scrypt, "65536$8$1$\(hex(salt))$\(hex(digest))")
      ),
      (scrypt("ln=1,r=1,p=1"), false, .form(.scrypt, "2$1$1$\(hex(salt))$\(hex(digest))")),
      (scrypt("ln=17,r=8,p=1"), false, .none("its parameters are more than 65536, 8, 1")),
      (scrypt("ln=31,r=8,p=1"), false, .none("its parameters are more than 65536, 8, 1")),
      (scrypt("ln=16,r=9,p=1"), false, .none("its parameters are more than 65536, 8, 1")),
      (scrypt("ln=16,r=8,p=2"), false, .none("its parameters are more than 65536, 8, 1")),
      (
        "$P$B12345678" + String(repeating: ".", count: 22), false,
        .none("Cognito does not take this format")
      ),
      (
        "md5$ab$" + hex(salt), false,
        .none("Cognito does not take it, the trigger with MIGRATE_WEAK_HASHES=on")
      ),
    ]
    for row in rows {
      let scheme = try StoredHash(row.text).scheme
      XCTAssertEqual(ImportConversion(scheme, isPeppered: row.isPeppered), row.form, row.text)
    }
  }

  func testHowUsersComeAndWhatIsCounted() throws {
    let header = ["cognito:username", "email", "email_verified", "phone_number"]
    let columns = try ImportColumns(
      ["username", "email", "email_verified", "password_hash"], header: header,
      legacyAttribute: "custom:legacy_id")
    let bcrypt = "$2b$12$" + String(repeating: ".", count: 53)
    let phpass = "$P$B12345678" + String(repeating: ".", count: 22)
    let unreachable = "neither e-mail address nor phone number is verified"
    let rows: [(hash: String?, verified: String, resets: Bool, way: ImportWay, why: String?)] = [
      (bcrypt, "t", false, .file(.bcrypt), nil), (bcrypt, "f", true, .trigger, unreachable),
      (phpass, "t", true, .trigger, "Cognito does not take this format"),
      (phpass, "f", true, .trigger, "Cognito does not take this format"),
      (nil, "t", false, .reset, "there is no hash"),
      ("", "t", true, .file(nil), "there is no hash"),
      (nil, "f", true, .reset, unreachable),
      ("!x", "t", false, .reset, "it is none: the user has no password, or is locked"),
      ("in clear", "t", true, .file(nil), "it is of no format that is known here"),
      (bcrypt + "a", "t", false, .reset, "it is not whole, or not as bcrypt writes it"),
    ]
    var counts = ImportCounts()
    for row in rows {
      let plan = ImportPlan(
        columns: columns, verified: [.email, .phoneNumber], includesResets: row.resets,
        isPeppered: false)
      let decision = try plan.decide(["ada", "a@b.c", row.verified, row.hash])
      XCTAssertEqual(decision.verdict.way, row.way, row.hash ?? "-")
      XCTAssertEqual(decision.verdict.why, row.why)
      XCTAssertNil(decision.verdict.hash)
      switch row.way {
      case .file(let algorithm):
        XCTAssertEqual(
          decision.line, "ada,a@b.c,true," + (algorithm == nil ? "" : ",\(bcrypt)"), row.hash ?? "-"
        )
      case .trigger, .reset: XCTAssertNil(decision.line)
      }
      counts.count(decision.verdict)
    }
    counts.present = 2
    counts.unwritable = 1
    XCTAssertEqual(
      [counts.users, counts.inFiles, counts.byTrigger, counts.byReset], [13, 3, 3, 4])
    XCTAssertEqual(counts.rows.first?.verdict.way, .file(.bcrypt))
    XCTAssertEqual(counts.rows.last?.verdict.way, .reset)
    XCTAssertEqual(counts.rows.first { $0.verdict.format == "phpass" }?.users, 2)
    // A value that no file can hold matters only to whom a file would hold.
    let plan = ImportPlan(
      columns: columns, verified: [.email], includesResets: false, isPeppered: false)
    XCTAssertThrowsError(try plan.decide(["a b", "a@b.c", "t", bcrypt]))
    XCTAssertNoThrow(try plan.decide(["a b", "a@b.c", "t", phpass]))
    XCTAssertThrowsError(try plan.decide(["ada", "a@b.c", "2024-01-01 00:00:00", bcrypt])) {
      XCTAssertEqual(
        "\($0)",
        "email_verified is neither true nor false (of a time: email_verified_at IS NOT NULL AS email_verified)"
      )
    }
    XCTAssertNoThrow(try plan.decide(["ada", "a@b.c", "2024-01-01 00:00:00", phpass]))
  }
}
