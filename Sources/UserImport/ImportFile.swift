/// How far a file may go.
///
/// Source: Amazon Cognito Developer Guide, "Formatting the CSV file".
public struct ImportFileLimits: Sendable {
  /// Users, the header not counted.
  public var rows = 500_000
  /// Of 100 MB.
  public var bytes = 100_000_000

  /// Cognito's own.
  public init() {}
}

/// Tells users apart by their algorithm, and says when another file must be begun.
public struct ImportFiles: Sendable {
  /// One to be written.
  public struct File: Sendable, Equatable {
    /// Of all of its hashes; nil where there are none, and everybody must choose a new password.
    public var algorithm: ImportAlgorithm?
    public var rows = 0
    /// With the header and all line ends.
    public var bytes: Int
  }

  /// In the order in which they were begun.
  public private(set) var files: [File] = []
  /// For each algorithm the file that is not full yet, by its place in `files`.
  private var open: [ImportAlgorithm?: Int] = [:]
  private let limits: ImportFileLimits

  /// None yet.
  public init(limits: ImportFileLimits = ImportFileLimits()) {
    self.limits = limits
  }

  /// Takes a line in.
  ///
  /// - Parameters:
  ///   - length: in bytes, with its end.
  ///   - headerLength: the same of the header of its file.
  /// - Returns: in which file, by its place in `files`; it is the last where it has just been begun.
  public mutating func place(
    _ algorithm: ImportAlgorithm?, length: Int, headerLength: Int
  ) -> Int {
    if let place = open[algorithm], files[place].rows < limits.rows,
      files[place].bytes + length <= limits.bytes
    {
      files[place].rows += 1
      files[place].bytes += length
      return place
    }
    files.append(File(algorithm: algorithm, rows: 1, bytes: headerLength + length))
    open[algorithm] = files.count - 1
    return files.count - 1
  }
}

/// What Cognito calls the hashes that it imports. The raw value is its word, `PasswordHashingAlgorithm`.
public enum ImportAlgorithm: String, Sendable, CaseIterable {
  case bcrypt = "BCRYPT"
  case scrypt = "SCRYPT"
  case argon2id = "ARGON2ID"
  case pbkdf2SHA256 = "PBKDF2_SHA256"
}
