import XCTest

@testable import LocalLambda

final class EnvironmentLifeTests: XCTestCase {
  private typealias Life = EnvironmentLife

  /// What happens one after the other, and what is done about each.
  private static let lives: [(String, [(EnvironmentLife.Event, [EnvironmentLife.Effect])])] = [
    (
      "it is started for an invocation, and kept for the next",
      [
        (.asked, [.handOut]), (.answered, [.answer]), (.asked, [.finish]), (.invoked, [.handOut]),
        (.answered, [.answer]), (.asked, [.finish]), (.stopped, [.end]),
      ]
    ),
    (
      "a runtime that asks again gets its event again",
      [(.asked, [.handOut]), (.asked, [.handOut])]
    ),
    ("one that cannot start says so", [(.initializationFailed, [.answer, .finish, .end])]),
    ("one that dies at its start has no answer", [(.exited, [.fail, .finish])]),
    ("nor has one that never starts", [(.timedOut, [.fail, .finish, .kill])]),
    ("nor one that dies over its event", [(.asked, [.handOut]), (.exited, [.fail, .finish])]),
    ("nor one that takes too long", [(.asked, [.handOut]), (.timedOut, [.fail, .finish, .kill])]),
    (
      "one that dies after its answer has answered",
      [(.asked, [.handOut]), (.answered, [.answer]), (.exited, [.finish])]
    ),
    (
      "one that never asks again is ended",
      [(.asked, [.handOut]), (.answered, [.answer]), (.timedOut, [.finish, .kill])]
    ),
    (
      "one that dies with nothing to do is only gone",
      [(.asked, [.handOut]), (.answered, [.answer]), (.asked, [.finish]), (.exited, [])]
    ),
    (
      "an idle one of another program ends at once",
      [(.asked, [.handOut]), (.answered, [.answer]), (.asked, [.finish]), (.replaced, [.end])]
    ),
    (
      "a busy one when its invocation is over",
      [(.replaced, []), (.asked, [.handOut]), (.answered, [.answer]), (.asked, [.finish, .end])]
    ),
  ]

  func testALifeIsAsOnLambda() {
    for (name, events) in Self.lives {
      var life = Life()
      for (event, effects) in events {
        XCTAssertEqual(life.take(event), effects, "\(name): \(event)")
      }
    }
  }

  func testNothingMoreHappensToOneThatIsGone() {
    var life = Life()
    _ = life.take(.exited)
    XCTAssertFalse(life.isBusy)
    for event in Life.Event.allCases { XCTAssertEqual(life.take(event), []) }
  }

  func testAnInvocationGoesToWhoeverIsFree() {
    func life(_ events: EnvironmentLife.Event...) -> Life {
      var life = Life()
      for event in events { _ = life.take(event) }
      return life
    }
    let starting = life()
    let running = life(.asked)
    let answered = life(.asked, .answered)
    let idle = life(.asked, .answered, .asked)
    let gone = life(.exited)
    let cases: [([Life], waiting: Int, limit: Int, Placement)] = [
      ([], 0, 1, .new),
      ([idle], 0, 1, .environment(0)), ([running, idle], 0, 2, .environment(1)),
      ([gone, running, idle], 0, 2, .environment(2)),
      ([running], 0, 2, .new), ([running, gone], 0, 2, .new), ([gone], 0, 1, .new),
      ([running], 0, 1, .throttled), ([starting], 0, 1, .throttled),
      ([running, running], 0, 2, .throttled),
      // A caller who has an answer may call again before the runtime has asked again.
      ([answered], 0, 1, .soon), ([answered], 1, 1, .throttled),
      ([answered, answered], 1, 2, .soon),
      ([answered, running], 1, 2, .throttled),
    ]
    for (lives, waiting, limit, placement) in cases {
      XCTAssertEqual(
        Placement(among: lives, waiting: waiting, limit: limit), placement,
        "\(lives.map(\.phase)), \(waiting) of \(limit)")
    }
  }
}
