package story;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import opd.v1.OpdServiceGrpc.OpdServiceBlockingStub;
import opd.v1.OpdServiceOuterClass.WatchQueueRequest;
import opd.v1.OpdServiceOuterClass.WatchQueueResponse;
import opd.v1.Resources.QueueChange;
import opd.v1.Resources.QueueSnapshot;

/** Reads a day's queue. It has no deadline: it is to last until it is hung up. */
public final class Watch {
  private final Context.CancellableContext context = Context.current().withCancellation();
  private final Iterator<WatchQueueResponse> updates;

  public Watch(OpdServiceBlockingStub stub, WatchQueueRequest request) {
    updates = opened(stub, request);
  }

  /** The blocking iterator has no way to hang up; the context in which it is made has. */
  private Iterator<WatchQueueResponse> opened(OpdServiceBlockingStub stub, WatchQueueRequest request) {
    var before = context.attach();
    try {
      return stub.withWaitForReady().watchQueue(request);
    } finally {
      context.detach(before);
    }
  }

  public QueueSnapshot snapshot() {
    var update = updates.next();
    Insist.that(update.hasSnapshot(), update);
    return update.getSnapshot();
  }

  /** The next change. Heartbeats say that there is nothing to say. */
  public QueueChange change() {
    for (; ; ) {
      var update = updates.next();
      if (update.hasChange()) return update.getChange();
      Insist.that(update.hasHeartbeat(), update);
    }
  }

  /** What the watch ends with. */
  public StatusRuntimeException end() {
    try {
      while (updates.hasNext()) updates.next();
    } catch (StatusRuntimeException error) {
      return error;
    }
    throw new AssertionError("the watch ended without a word");
  }

  public void hangUp() {
    context.cancel(null);
  }
}
