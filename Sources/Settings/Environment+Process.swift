// The C library's `environ` is a variable: Swift cannot know that nobody changes it.
@preconcurrency import Glibc

extension Environment {
  /// The process's own.
  ///
  /// To be called while there is one thread: another might change the environment meanwhile.
  public static func ofProcess() -> Environment { Environment(entries: environ) }

  /// Bytes that are no UTF-8 become U+FFFD. Of two entries with one name the first counts, as it does
  /// for `getenv`; an entry without a name, or without `=`, does not.
  ///
  /// - Parameter entries: C strings `name=value`, up to a null pointer.
  init(entries: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) {
    var variables: [String: String] = [:]
    var next = entries
    while let entry = next.pointee {
      next += 1
      let text = String(cString: entry)
      guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")), equals > text.startIndex
      else { continue }
      let name = String(text[..<equals])
      guard variables[name] == nil else { continue }
      variables[name] = String(text[text.utf8.index(after: equals)...])
    }
    self.init(variables)
  }
}
