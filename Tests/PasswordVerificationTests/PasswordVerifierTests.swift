import Foundation
import PasswordHashes
import TestSupport
import XCTest

@testable import PasswordVerification

final class PasswordVerifierTests: XCTestCase {
  /// A hash by the software that is known for its format: scripts/lib/password_hashes.py.
  private struct Vector: Decodable {
    let format, password, hash: String
    let pepper: String?
  }

  private struct NotMade: Error {
    let why: String
  }

  private static let result = Result {
    let script = TestEnvironment.packageRoot.appendingPathComponent(
      "scripts/lib/password_hashes.py")
    let python = URL(fileURLWithPath: try TestEnvironment.variable("POOLTABLE_TEST_PYTHON"))
    let run = try CommandRun.run(python, [script.path])
    guard run.exitCode == 0 else { throw NotMade(why: run.errors) }
    return try JSONDecoder().decode([Vector].self, from: Data(run.output.utf8))
  }

  private func vectors() throws -> [Vector] { try Self.result.get() }

  private func isRight(_ password: String, _ hash: String, pepper: String? = nil) throws -> Bool {
    try PasswordVerifier(pepper: pepper)
      .isRight(Password(password.utf8), for: try StoredHash(hash).scheme)
  }

  func testHashesOfTheOriginalSoftwareAreThoseOfTheirPasswordsAndOfNoOthers() throws {
    var formats: Set<String> = []
    for vector in try vectors() {
      let name = "\(vector.format), password of \(vector.password.utf8.count) bytes"
      XCTAssertEqual(try StoredHash(vector.hash).format.rawValue, vector.format)
      XCTAssert(try isRight(vector.password, vector.hash, pepper: vector.pepper), name)
      for other in [
        vector.password + "x", "x" + vector.password, String(vector.password.dropLast()),
      ] {
        // What bcrypt does not see of a long one makes no difference, as in the software that hashed it.
        let isSame =
          other == vector.password
          || vector.format.lowercased().hasSuffix("bcrypt") && vector.format != "wordPressBcrypt"
            && other.utf8.prefix(72).elementsEqual(vector.password.utf8.prefix(72))
        XCTAssertEqual(try isRight(other, vector.hash, pepper: vector.pepper), isSame, name)
      }
      if vector.pepper != nil, vector.password.utf8.count < 72 {
        XCTAssertFalse(try isRight(vector.password, vector.hash), "without the pepper: \(name)")
      }
      formats.insert(vector.format)
    }
    let usable = Set(HashFormat.allCases).subtracting([.unsaltedDigest, .firebaseScrypt])
    // Python's own module is gone in 3.13, and nothing else there makes yescrypt's.
    XCTAssertEqual(formats.union(["yescrypt"]), Set(usable.map(\.rawValue)))
  }

  func testAPepperIsBcryptsAlone() throws {
    for vector in try vectors() where vector.pepper == nil && vector.format != "bcrypt" {
      // What hashes the password before knows none; Django's bcrypt is devise's in another wrapping.
      guard vector.format != "djangoBcrypt" else { continue }
      XCTAssert(try isRight(vector.password, vector.hash, pepper: "pepper"), vector.format)
    }
  }

  /// "correct" would do for "correct\0horse" where C hashes it, and "\0" for "" where HMAC does.
  func testAPasswordWithANULIsNobodys() throws {
    for vector in try vectors() where vector.password.utf8.count < 72 {
      let other = vector.password + "\0"
      XCTAssertFalse(try isRight(other, vector.hash, pepper: vector.pepper), vector.format)
      XCTAssertFalse(try isRight(other + "x", vector.hash, pepper: vector.pepper), vector.format)
    }
  }

  func testWhatCryptCannotTakeIsNobodys() throws {
    let longest = String(repeating: "a", count: 511)
    let hash = try XCTUnwrap(vectors().first { $0.password == longest }?.hash)
    for more in [1, 4096] {
      let password = longest + String(repeating: "a", count: more)
      XCTAssertFalse(try isRight(password, hash))
      XCTAssertThrowsError(
        try Crypt.isRight(Password(password.utf8), "no hash"), "it is computed all the same")
    }
  }

  func testBytesAreComparedToTheLast() {
    let bytes = Array(UInt8(0)..<32)
    XCTAssert(isSame(bytes, Password(bytes)))
    XCTAssertFalse(isSame(bytes, Password(bytes.dropLast())))
    XCTAssertFalse(isSame([], Password([])))
    for place in bytes.indices {
      var other = bytes
      other[place] ^= 1
      XCTAssertFalse(isSame(bytes, Password(other)))
    }
  }

  func testAPasswordsBytesAreZeroedWhenItGoes() {
    var place: UnsafeMutablePointer<UInt8>?
    do {
      let password = Password(capacity: 4096) { bytes in
        place = bytes.baseAddress
        for offset in bytes.indices { bytes[offset] = 0xA5 }
        return 100
      }
      XCTAssertEqual(password.count, 100)
    }
    // Freed by now: the allocator may have written its own into it, but no byte of the password is left.
    let left = UnsafeBufferPointer(start: place, count: 4096).count { $0 == 0xA5 }
    XCTAssertEqual(left, 0)
  }
}
