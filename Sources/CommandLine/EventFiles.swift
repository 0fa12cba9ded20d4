import FoundationEssentials

/// The files that a command is to play.
enum EventFiles {
  /// - Parameter paths: files are taken as they are, folders with every `.json` file below them.
  /// - Returns: in the order given, a folder's files by path.
  static func find(_ paths: [String]) throws(CommandFailure) -> [String] {
    var files: [String] = []
    for path in paths {
      var isDirectory = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
        throw CommandFailure("\(path): there is no such file or folder")
      }
      guard isDirectory else {
        files.append(path)
        continue
      }
      guard let contents = try? FileManager.default.subpathsOfDirectory(atPath: path) else {
        throw CommandFailure("\(path): the folder cannot be read")
      }
      let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
      let found = contents.filter { $0.hasSuffix(".json") }.sorted().map { "\(folder)/\($0)" }
      if found.isEmpty { throw CommandFailure("\(path): the folder holds no .json file") }
      files += found
    }
    return files
  }

  static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandFailure("\(path): the file cannot be read")
    }
    return Array(data)
  }
}
