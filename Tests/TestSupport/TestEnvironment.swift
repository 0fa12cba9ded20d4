import Foundation

/// Where the tests find what `scripts/test` has set up.
public enum TestEnvironment {
  public struct Missing: Error, CustomStringConvertible {
    public let description: String
  }

  /// A superuser's URL of the PostgreSQL server that the tests may do anything with.
  ///
  /// Its absence is a failure, not a skipped test.
  public static func databaseURL() throws -> String {
    try variable("POOLTABLE_TEST_DATABASE_URL")
  }

  public static func variable(_ name: String) throws -> String {
    guard let value = ProcessInfo.processInfo.environment[name] else {
      throw Missing(description: "\(name) is not set: run the tests with scripts/test")
    }
    return value
  }

  /// The folder that the build puts its products into.
  public static var products: URL {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  }

  /// The program under test: the one built with the tests, or `POOLTABLE_TEST_BOOTSTRAP`.
  public static var bootstrap: URL {
    if let path = ProcessInfo.processInfo.environment["POOLTABLE_TEST_BOOTSTRAP"] {
      return URL(fileURLWithPath: path)
    }
    return products.appendingPathComponent("bootstrap")
  }

  public static var packageRoot: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  public static var fixtures: URL { packageRoot.appendingPathComponent("Fixtures") }

  /// Every trigger event of `Fixtures/events`.
  public static func triggerFixtures() throws -> [URL] {
    try ["events/sources", "events/variations"].flatMap(fixtureFiles)
  }

  /// Every `.json` file below a folder of `Fixtures`, by path.
  public static func fixtureFiles(in folder: String) throws -> [URL] {
    let base = fixtures.appendingPathComponent(folder)
    let files = try FileManager.default.subpathsOfDirectory(atPath: base.path)
      .filter { $0.hasSuffix(".json") }.sorted()
    guard !files.isEmpty else { throw Missing(description: "no fixtures in \(base.path)") }
    return files.map { base.appendingPathComponent($0) }
  }
}
