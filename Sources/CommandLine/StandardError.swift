import Glibc

/// What a command says beside its answer.
enum StandardError {
  /// - Parameter line: one line, whatever it quotes.
  static func print(_ line: String) {
    let bytes = Array("\(line.printable)\n".utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
