import Glibc

/// Calls `body` with C strings for `strings` (nil stays a null pointer), and one null pointer after them.
///
/// One allocation for all the text. A string ends at its first NUL character; callers refuse those.
func withCStrings<Result>(
  _ strings: [String?], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
  let size = strings.reduce(0) { $0 + ($1.map { $0.utf8.count + 1 } ?? 0) }
  return withUnsafeTemporaryAllocation(of: CChar.self, capacity: max(size, 1)) { text in
    withUnsafeTemporaryAllocation(
      of: UnsafePointer<CChar>?.self, capacity: strings.count + 1
    ) { pointers in
      var end = 0
      for (index, string) in strings.enumerated() {
        guard var string else {
          pointers.initializeElement(at: index, to: nil)
          continue
        }
        pointers.initializeElement(at: index, to: UnsafePointer(text.baseAddress.map { $0 + end }))
        let length = string.withUTF8 { bytes in
          UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(text)[end...])
            .copyBytes(from: bytes)
          return bytes.count
        }
        end += length
        text.initializeElement(at: end, to: 0)
        end += 1
      }
      pointers.initializeElement(at: strings.count, to: nil)
      return body(UnsafeBufferPointer(rebasing: pointers[..<strings.count]))
    }
  }
}

/// Whether a C string of `string` would end before the string does.
func holdsNUL(_ string: String) -> Bool {
  var string = string
  return string.withUTF8 { bytes in
    guard let start = bytes.baseAddress else { return false }
    return memchr(start, 0, bytes.count) != nil
  }
}
