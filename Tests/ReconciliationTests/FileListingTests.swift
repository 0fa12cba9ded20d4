import Clock
import Foundation
import TestSupport
import XCTest

@testable import Reconciliation

final class FileListingTests: XCTestCase {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("pooltable-\(UUID().uuidString)")

  override func setUpWithError() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  override func tearDownWithError() throws {
    try FileManager.default.removeItem(at: folder)
  }

  private func file(_ content: String, named name: String = "users.json") throws -> String {
    let url = folder.appendingPathComponent(name)
    try Data(content.utf8).write(to: url)
    return url.path
  }

  /// The names of all users, and how the listing ended.
  private func read(_ listing: FileListing) -> (
    names: [String], unreadable: Int, end: ListingError?
  ) {
    var (names, unreadable) = ([String](), 0)
    do {
      while let page = try listing.nextPage() {
        names += page.users.map(\.username)
        unreadable += page.unreadable.count
      }
      return (names, unreadable, nil)
    } catch {
      return (names, unreadable, error)
    }
  }

  private func document(_ numbers: ClosedRange<Int>) -> String {
    let users = numbers.map { "{\"Username\": \"u\($0)\", \"Attributes\": []}" }
    return "{\n  \"Users\": [\n    \(users.joined(separator: ",\n    "))\n  ]\n}\n"
  }

  private func gzip(_ path: String) throws -> Data {
    XCTAssertEqual(
      try CommandRun.run(URL(fileURLWithPath: "/usr/bin/gzip"), ["--keep", path]).exitCode, 0)
    return try Data(contentsOf: URL(fileURLWithPath: path + ".gz"))
  }

  func testReadsPlainAndPackedFilesAlike() throws {
    let path = try file(document(1...1234) + document(1235...1300))
    let names = (1...1300).map { "u\($0)" }
    let plain = read(try FileListing(path: path))
    XCTAssertEqual(plain.names, names)
    XCTAssertNil(plain.end)
    let packed = try gzip(path)
    XCTAssertEqual(read(try FileListing(path: path + ".gz")).names, names)
    // Two files packed by themselves and put together, as split downloads are.
    try (packed + packed).write(to: URL(fileURLWithPath: path + ".gz"))
    let twice = read(try FileListing(path: path + ".gz"))
    XCTAssertEqual(twice.names, names + names)
    XCTAssertNil(twice.end)
  }

  func testWhatWasReadBeforeACutIsGiven() throws {
    let whole = document(1...1300)
    let path = try file(whole)
    let packed = try gzip(path)
    try Data(whole.utf8.prefix(whole.utf8.count - 30)).write(to: URL(fileURLWithPath: path))
    let cut = read(try FileListing(path: path))
    XCTAssertEqual(cut.names.count, 1299)
    XCTAssertEqual(cut.end, .cutShort(detail: "it breaks off in the middle"))
    try packed.prefix(packed.count / 2).write(to: URL(fileURLWithPath: path + ".gz"))
    let cutPack = read(try FileListing(path: path + ".gz"))
    XCTAssertFalse(cutPack.names.isEmpty)
    XCTAssertEqual(cutPack.end, .cutShort(detail: "the gzip file is cut off"))
    var damaged = packed
    damaged[packed.count / 2] ^= 0xFF
    damaged[packed.count / 2 + 1] ^= 0xFF
    try damaged.write(to: URL(fileURLWithPath: path + ".gz"))
    XCTAssertNotNil(read(try FileListing(path: path + ".gz")).end)
  }

  func testAPageOfManyIsNotTheWholeListing() throws {
    let path = try file(#"{"Users":[{"Username":"a"}],"NextToken":"t"}"#)
    XCTAssertEqual(
      read(try FileListing(path: path)).end,
      .cutShort(detail: "it ends with a token for the next page"))
  }

  func testMalformedUsersAreReportedWithTheirPlaceOnly() throws {
    let path = try file(
      "{\"Username\": \"a\"}\n{\"Username\": 7, \"x\": \"canary\"}\n{\"Username\": \"canary\", oops}\n"
        + "{\"Username\": \"b\"}\n")
    let listing = try FileListing(path: path)
    let page = try XCTUnwrap(try listing.nextPage())
    XCTAssertEqual(page.users.map(\.username), ["a"])
    XCTAssertEqual(
      page.unreadable.map(\.description),
      ["byte 18: not a user: Username is missing or not what it should be"])
    XCTAssertThrowsError(try listing.nextPage()) { error in
      XCTAssertEqual(
        "\(error)",
        "no listing of users at byte 72: it must be what 'aws cognito-idp list-users --output json' prints"
      )
    }
  }

  func testAPartIsKnownAsOneAlsoWhereItIsResumedBehindItsToken() throws {
    let path = try file(
      #"{"NextToken": "t", "Users""# + document(1...600).dropFirst("{\n  \"Users\"".count))
    let page = try XCTUnwrap(try FileListing(path: path).nextPage())
    XCTAssertEqual(page.users.count, 500)
    let resumed = try FileListing(path: path)
    try resumed.move(to: try XCTUnwrap(page.next))
    let rest = read(resumed)
    XCTAssertEqual(rest.names.count, 100)
    XCTAssertEqual(rest.end, .cutShort(detail: "it ends with a token for the next page"))
    let short = TestEnvironment.fixtures.appendingPathComponent("listings/token-first.json").path
    let whole = read(try FileListing(path: short))
    XCTAssertEqual(whole.names, ["a", "b", "c"])
    XCTAssertEqual(whole.end, .cutShort(detail: "it ends with a token for the next page"))
  }

  func testAFileThatCannotBeReadLeavesNoDescriptorOpen() throws {
    func descriptors() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
    let before = try descriptors()
    for _ in 1...50 { XCTAssertThrowsError(try FileListing(path: folder.path)) }
    XCTAssertLessThan(try descriptors(), before + 25)
  }

  func testGoesOnWhereAnotherReaderStopped() throws {
    let path = try file(document(1...1300))
    _ = try gzip(path)
    for path in [path, path + ".gz"] {
      let first = try FileListing(path: path)
      let page = try XCTUnwrap(try first.nextPage())
      let second = try FileListing(path: path)
      XCTAssertEqual(second.name, first.name)
      try second.move(to: try XCTUnwrap(page.next))
      let rest = read(second)
      XCTAssertEqual(page.users.map(\.username) + rest.names, (1...1300).map { "u\($0)" })
      XCTAssertNil(rest.end)
      for odd in ["", "t", "x7", "u-1", "t99999999"] {
        XCTAssertThrowsError(try FileListing(path: path).move(to: odd), odd) { error in
          XCTAssertEqual(error as? ListingError, .wrongPosition)
        }
      }
    }
  }

  func testTheFilesTimeIsTheObservations() throws {
    let path = try file(document(1...1))
    let time = Date(timeIntervalSince1970: 1_700_000_000)
    try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: path)
    XCTAssertEqual(
      try FileListing(path: path).observedAt.microsecondsSinceEpoch, 1_700_000_000_000_000)
    let given = Timestamp(microsecondsSinceEpoch: 5)
    XCTAssertEqual(try FileListing(path: path, observedAt: given).observedAt, given)
  }

  func testAFileThatIsNotThereIsAnError() {
    XCTAssertThrowsError(try FileListing(path: folder.appendingPathComponent("no").path))
    XCTAssertThrowsError(try FileListing(path: folder.path).nextPage()) { error in
      XCTAssertEqual(error as? ListingError, .unreadable(detail: "it is a folder"))
    }
  }
}
