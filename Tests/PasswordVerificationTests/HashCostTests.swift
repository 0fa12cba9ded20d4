import PasswordHashes
import PasswordVerification
import XCTest

final class HashCostTests: XCTestCase {
  private static let bcrypt = "NhCPMwBoeQJ0hcdWrWVtxOmMYPPRQEEHB9BmxHXE0Dv8zLYnjFa8q"
  private static let digest = "000102030405060708090a0b0c0d0e0f"

  private func cost(_ text: String) throws -> HashCost {
    HashCost(of: try StoredHash(text).scheme)
  }

  /// The reference's figures are for a full core: a guess of less would answer too late, one of twice refuse too much.
  func testTheGuessIsNoLessThanWhatWasMeasuredAndNotFarOff() throws {
    let measured: [(String, ClosedRange<Int>)] = [
      ("$2y$10$" + Self.bcrypt, 53...80), ("$2y$12$" + Self.bcrypt, 208...300),
      ("$2y$13$" + Self.bcrypt, 422...600),
      ("pbkdf2:sha256:260000$salt$" + Self.digest, 64...130),
      ("pbkdf2:sha256:1000000$salt$" + Self.digest, 292...450),
      ("scrypt:16384:8:1$salt$" + Self.digest, 54...80),
      ("scrypt:65536:8:1$salt$" + Self.digest, 206...300),
    ]
    for (text, milliseconds) in measured {
      let time = Int(try cost(text).time / .milliseconds(1))
      XCTAssert(milliseconds.contains(time), "\(text.prefix(20)): \(time) ms")
    }
  }

  func testWhatTakesLongerOrMoreThanThereIsIsRefused() throws {
    let salt = "AAECAwQFBgc$AAECAwQFBgcICQoLDA0ODw"
    // What, the function's memory, the time that there is, and the refusal.
    let cases: [(String, Int, Duration, CostRefusal?)] = [
      ("$2y$12$" + Self.bcrypt, 1024, .milliseconds(3500), nil),
      ("$2y$12$" + Self.bcrypt, 1024, .milliseconds(300), .time(milliseconds: 389, size: 1024)),
      ("$2y$12$" + Self.bcrypt, 128, .milliseconds(3000), .time(milliseconds: 3113, size: 128)),
      // More than a core's worth of memory makes no single thread faster.
      ("$2y$12$" + Self.bcrypt, 10240, .milliseconds(226), nil),
      ("$2y$12$" + Self.bcrypt, 10240, .milliseconds(225), .time(milliseconds: 225, size: 10240)),
      ("$2y$31$" + Self.bcrypt, 10240, .seconds(4), .time(milliseconds: 3_600_000, size: 10240)),
      ("scrypt:32768:8:1$salt$" + Self.digest, 128, .seconds(4), nil),
      ("scrypt:65536:8:1$salt$" + Self.digest, 128, .seconds(9), .memory(megabytes: 64, size: 128)),
      ("$argon2id$v=19$m=65536,t=3,p=4$" + salt, 1024, .seconds(4), nil),
      ("$argon2id$v=19$m=65536,t=3,p=4$" + salt, 128, .seconds(5), nil),
      (
        "$argon2id$v=19$m=65537,t=3,p=4$" + salt, 127, .seconds(9),
        .memory(megabytes: 64, size: 127)
      ),
      (
        "$argon2id$v=19$m=4294967295,t=4294967295,p=1$" + salt, 10240, .seconds(4),
        .memory(megabytes: 4_194_303, size: 10240)
      ),
      (
        "scrypt:2147483648:1024:1024$salt$" + Self.digest, 10240, .seconds(4),
        .memory(megabytes: 268_435_457, size: 10240)
      ),
    ]
    for (text, memory, remaining, refusal) in cases {
      XCTAssertEqual(
        FunctionSize(memory: memory).refusal(of: try cost(text), within: remaining), refusal,
        "\(text.prefix(20)) at \(memory) MB in \(remaining)")
    }
  }
}
