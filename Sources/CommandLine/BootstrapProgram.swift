import FoundationEssentials

/// The program `bootstrap`, for the commands that run it.
enum BootstrapProgram {
  /// - Parameter path: where the user says it is; nil looks beside `pooltable`, where a build puts it, and in
  ///   `libexec/pooltable`, where `scripts/install` does.
  /// - Returns: its path.
  /// - Throws: where there is no such program, with what can be done about it.
  static func find(_ path: String?) throws(CommandFailure) -> String {
    let candidates = path.map { [$0] } ?? places(for: ownPath)
    if let found = candidates.first(where: FileManager.default.isExecutableFile) { return found }
    throw CommandFailure(
      "\(candidates.joined(separator: ", ")): there is no such program; build it with 'swift build', or give "
        + "--bootstrap")
  }

  /// - Parameter program: the path of `pooltable`, all symbolic links followed.
  static func places(for program: String) -> [String] {
    let folder = program.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let prefix = folder.dropLast()
    return [folder + ["bootstrap"], prefix + ["libexec", "pooltable", "bootstrap"]]
      .map { $0.joined(separator: "/") }
  }

  private static var ownPath: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? ProcessInfo.processInfo.arguments.first ?? ""
  }
}
