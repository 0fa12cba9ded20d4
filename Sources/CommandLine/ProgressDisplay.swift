import Clock
import Glibc

/// How far a long command has come, on standard error: a bar on a terminal, a line now and then elsewhere.
struct ProgressDisplay {
  private let noun: String
  private let participle: String
  private let isTerminal: Bool
  private let isSilent: Bool
  private let start = Instant.now()
  private var shown: Instant?
  private var firstCount: Int?
  private var isBarOpen = false

  /// - Parameters:
  ///   - noun: what is counted, in the singular.
  ///   - participle: what is done with it, as `written back`.
  ///   - isSilent: shows nothing at all.
  init(_ noun: String, _ participle: String = "", isSilent: Bool = false) {
    self.noun = noun
    self.participle = participle
    self.isSilent = isSilent
    isTerminal = isatty(STDERR_FILENO) == 1
  }

  /// - Parameter fraction: 0 to 1, where the end is known.
  mutating func show(_ count: Int, fraction: Double?) {
    guard !isSilent else { return }
    firstCount = firstCount ?? count
    let interval = isTerminal ? Duration.milliseconds(100) : .seconds(5)
    // Elsewhere a command that is soon done says nothing.
    guard (shown ?? start).elapsed >= interval else { return }
    shown = .now()
    let line = Self.line(
      noun, participle, count: count, since: firstCount ?? 0, fraction: fraction,
      elapsed: start.elapsed, width: isTerminal ? Self.terminalWidth : nil)
    if isTerminal {
      isBarOpen = true
      Self.write("\r\u{1B}[K\(line)")
    } else {
      Self.write("\(line)\n")
    }
  }

  /// Says on a terminal what is being waited for, where nothing can be counted.
  ///
  /// - Parameter text: one line, whatever it quotes; it stands until `clear`.
  mutating func wait(_ text: String) {
    guard !isSilent, isTerminal else { return }
    isBarOpen = true
    Self.write("\r\u{1B}[K\(text.printable)")
  }

  /// Leaves the terminal's line to something else.
  mutating func clear() {
    guard isBarOpen else { return }
    isBarOpen = false
    Self.eraseLine()
  }

  /// For code that prints without the display at hand; the next `show` redraws the bar.
  static func eraseLine() {
    if isatty(STDERR_FILENO) == 1 { write("\r\u{1B}[K") }
  }

  /// - Parameters:
  ///   - first: the count when the time began.
  ///   - width: of the terminal; nil makes a line without a bar.
  static func line(
    _ noun: String, _ participle: String = "", count: Int, since first: Int, fraction: Double?,
    elapsed: Duration, width: Int?
  ) -> String {
    let seconds = max(elapsed.milliseconds / 1000, 0.001)
    let rate = Double(max(0, count - first)) / seconds
    let counted = count.counted(noun) + (participle.isEmpty ? "" : " \(participle)")
    var text = "\(counted), \(Int(rate.rounded()).grouped)/s"
    guard let fraction, fraction > 0 else { return text }
    let percent = Int((min(1, fraction) * 100).rounded(.down))
    if fraction < 1, count > first, count > 0 {
      // A resumed run had done a part of the fraction before the time began.
      let done = fraction * Double(count - first) / Double(count)
      text += ", \(Self.time(seconds * (1 - fraction) / max(done, 1e-9))) left"
    }
    guard let width else { return "\(percent) %, \(text)" }
    let room = width - text.count - 10
    guard room >= 10 else { return "\(percent) % \(text)" }
    let filled = Int(Double(min(room, 40)) * min(1, fraction))
    let bar =
      String(repeating: "#", count: filled)
      + String(repeating: "-", count: min(room, 40) - filled)
    return "[\(bar)] \(percent) % \(text)"
  }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 359_999).rounded())
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    if hours > 0 { return "\(hours) h \(minutes) min" }
    return minutes > 0 ? "\(minutes) min \(whole % 60) s" : "\(whole) s"
  }

  private static var terminalWidth: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  private static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
