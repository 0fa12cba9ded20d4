import FoundationEssentials

/// Where events are read from.
enum EventInput: Equatable {
  /// A file that holds one event, or something that is to be refused as none; or several JSON values.
  case file(String)
  /// JSON values one after another.
  case lines(String)
  case standardInput

  private static let lineEndings = [".jsonl", ".ndjson"]

  /// - Parameter paths: files are taken as they are, folders with every `.json`, `.jsonl` and `.ndjson` file below them;
  ///   `-` is standard input.
  /// - Returns: in the order given, a folder's files by path.
  static func find(_ paths: [String]) throws(CommandFailure) -> [EventInput] {
    var inputs: [EventInput] = []
    for path in paths {
      guard path != "-" else {
        inputs.append(.standardInput)
        continue
      }
      var isDirectory = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
        throw CommandFailure("\(path): there is no such file or folder")
      }
      inputs += isDirectory ? try below(path) : [EventInput(path)]
    }
    return inputs
  }

  private init(_ path: String) {
    self = Self.lineEndings.contains(where: path.hasSuffix) ? .lines(path) : .file(path)
  }

  private static func below(_ path: String) throws(CommandFailure) -> [EventInput] {
    guard let contents = try? FileManager.default.subpathsOfDirectory(atPath: path) else {
      throw CommandFailure("\(path): the folder cannot be read; check who may read it")
    }
    let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
    let endings = [".json"] + lineEndings
    let found = contents.filter { endings.contains(where: $0.hasSuffix) }.sorted()
    if found.isEmpty {
      throw CommandFailure("\(path): the folder holds no .json, .jsonl or .ndjson file")
    }
    return found.map { EventInput("\(folder)/\($0)") }
  }

  /// As it is shown.
  var name: String {
    switch self {
    case .file(let path), .lines(let path): path
    case .standardInput: "-"
    }
  }

  /// How much room the names of its events need, mostly: of several each has its line.
  var nameWidth: Int {
    switch self {
    case .file: name.count
    case .lines, .standardInput: name.count + ":99999".count
    }
  }
}

/// An event that is to be played.
struct InputEvent: Equatable {
  /// Where it is from: the file, and of several events in it the line.
  var name: String
  var bytes: [UInt8]
}
