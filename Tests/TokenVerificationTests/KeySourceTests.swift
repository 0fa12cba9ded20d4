import Clock
import JSON
import TestSupport
import XCTest

@testable import TokenVerification

/// Which keys are kept, and when an issuer is asked.
final class KeySourceTests: XCTestCase {
  /// An issuer that plays a script, and a clock that is set by hand.
  private final class Scene {
    var answers: [Result<JSONWebKeySet, KeyFailure>] = []
    var asked: [String] = []
    var now = Instant.now()

    func fetch(_ issuer: PoolIssuer, _ deadline: Deadline) throws(KeyFailure) -> JSONWebKeySet {
      asked.append(issuer.name.text)
      return try answers.isEmpty ? KeySourceTests.set() : answers.removeFirst().get()
    }
  }

  private static let down = KeyFailure("a.example", .transport(.timedOut))
  private static let absent = KeyFailure("a.example", .status(403))

  /// Their ids are all there is to them.
  private static func set(_ ids: String...) -> JSONWebKeySet {
    JSONWebKeySet(keys: ids.map { JSONWebKey(["kid": .string($0)]) })
  }

  /// The original issuer, and the updated one.
  private func issuers() throws -> (PoolIssuer, PoolIssuer) {
    let all = try TokenScene.issuers(alsoIn: []).all
    return (try XCTUnwrap(all.first), try XCTUnwrap(all.dropFirst().first))
  }

  func testKeysAreKeptForEachIssuer() throws {
    let (issuer, updated) = try issuers()
    let scene = Scene()
    let keys = KeptKeys(now: { scene.now }, fetch: scene.fetch)
    scene.answers = [.success(Self.set("a")), .success(Self.set("b"))]
    for _ in 1...3 {
      XCTAssertNotNil(try keys.key("a", of: issuer, until: .after(.seconds(1))))
      XCTAssertNotNil(try keys.key("b", of: updated, until: .after(.seconds(1))))
    }
    XCTAssertEqual(scene.asked, [issuer.name.text, updated.name.text])
  }

  func testAnUnknownIdAsksOnceAMinute() throws {
    let (issuer, _) = try issuers()
    let scene = Scene()
    let keys = KeptKeys(now: { scene.now }, fetch: scene.fetch)
    scene.answers = [.success(Self.set("a")), .success(Self.set("a")), .success(Self.set("b"))]
    func find(_ id: String) throws -> Bool {
      try keys.key(id, of: issuer, until: .after(.seconds(1))) != nil
    }
    XCTAssertFalse(try find("b"))
    scene.now = scene.now.advanced(by: .milliseconds(59_999))
    for id in ["b", "c", "d"] { XCTAssertFalse(try find(id)) }
    XCTAssertEqual(scene.asked.count, 1)
    scene.now = scene.now.advanced(by: .milliseconds(1))
    XCTAssertFalse(try find("b"))
    XCTAssertFalse(try find("b"))
    XCTAssertTrue(try find("a"))
    XCTAssertEqual(scene.asked.count, 2)
    scene.now = scene.now.advanced(by: .seconds(60))
    XCTAssertTrue(try find("b"), "keys are changed")
    XCTAssertFalse(try find("a"), "and the old one counts no more")
    XCTAssertEqual(scene.asked.count, 3)
  }

  func testWhileTheIssuerIsAwayKnownKeysCountAndUnknownOnesAreNotCalledUnknown() throws {
    let (issuer, _) = try issuers()
    let scene = Scene()
    let keys = KeptKeys(now: { scene.now }, fetch: scene.fetch)
    func find(_ id: String) throws -> Bool {
      try keys.key(id, of: issuer, until: .after(.seconds(1))) != nil
    }
    scene.answers = [.failure(Self.down), .failure(Self.down), .success(Self.set("a"))]
    for _ in 1...2 {
      XCTAssertThrowsError(try find("a")) { XCTAssertEqual($0 as? KeyFailure, Self.down) }
    }
    XCTAssertTrue(try find("a"), "until there are keys every token asks")
    scene.now = scene.now.advanced(by: .seconds(60))
    scene.answers = [.failure(Self.down), .success(Self.set("b"))]
    for _ in 1...3 {
      XCTAssertThrowsError(try find("b")) { XCTAssertEqual($0 as? KeyFailure, Self.down) }
    }
    XCTAssertTrue(try find("a"))
    XCTAssertEqual(scene.asked.count, 4)
    scene.now = scene.now.advanced(by: .seconds(60))
    XCTAssertTrue(try find("b"))
  }

  func testAllKeysAreThoseOfEveryIssuerThatThereIs() throws {
    let signed = try XCTUnwrap(JSONWebKeySet(Array(try PyJWTTokens.signed([]).keySet.utf8)))
    let scene = Scene()
    let keys = PoolKeys(try TokenScene.issuers(alsoIn: []), fetch: scene.fetch)
    func ids() throws -> [String?] { try keys.all(until: .after(.seconds(1))).keys.map(\.id) }

    scene.answers = [.success(signed), .failure(Self.absent)]
    XCTAssertEqual(try ids(), ["pool", "bare"], "the updated issuer is not every pool's")
    scene.answers = [.failure(Self.absent)]
    XCTAssertThrowsError(try ids(), "but the other is")
    scene.answers = [.success(signed), .failure(Self.down)]
    XCTAssertThrowsError(try ids(), "one that is away may have a key")
    let bare = JSONWebKeySet(keys: signed.keys.filter { $0.id == "bare" })
    let other = JSONWebKeySet(keys: signed.keys.filter { $0.id == "pool" })
    scene.answers = [.success(bare), .success(other)]
    XCTAssertEqual(try ids(), ["bare", "pool"])
    scene.answers = [.success(bare), .failure(Self.absent)]
    XCTAssertThrowsError(try ids(), "it was there before: its key must not be lost")
  }
}
