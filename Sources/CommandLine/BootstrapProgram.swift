import FoundationEssentials

/// Where the program `bootstrap` is that a command runs.
enum BootstrapProgram {
  /// - Parameter path: what was asked for; nil takes the one beside `pooltable`.
  /// - Throws: where there is no such program.
  static func find(_ path: String?) throws(CommandFailure) -> String {
    let path = path ?? besideThis()
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw CommandFailure(
        "\(path): there is no such program; build it with 'swift build', or give --bootstrap")
    }
    return path
  }

  private static func besideThis() -> String {
    var path = ProcessInfo.processInfo.arguments.first ?? ""
    if let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
      path = own
    }
    return path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/") + "/bootstrap"
  }
}
