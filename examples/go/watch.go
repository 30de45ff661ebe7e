package main

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	opdv1 "example.com/opd/gen/opd/v1"
)

// watch reads a day's queue. It has no deadline: it is to last until it is hung up.
type watch struct {
	stream grpc.ServerStreamingClient[opdv1.WatchQueueResponse]
	hangUp context.CancelFunc
}

// watchAfter goes on right after a revision of an epoch; after 0 changes it begins with a snapshot.
func (d *desk) watchAfter(revision uint32, epoch string) watch {
	request := &opdv1.WatchQueueRequest{DoctorId: d.doctor.Id, Date: date, Epoch: epoch}
	if revision > 0 {
		request.AfterRevision = proto.Uint32(revision)
	}
	ctx, hangUp := context.WithCancel(context.Background())
	stream, err := d.client.WatchQueue(ctx, request, grpc.WaitForReady(true))
	insist(err == nil, "%v", err)
	return watch{stream, hangUp}
}

func (w watch) snapshot() *opdv1.QueueSnapshot {
	update, err := w.stream.Recv()
	insist(err == nil && update.GetSnapshot() != nil, "%v %v", update, err)
	return update.GetSnapshot()
}

// change is the next change. Heartbeats say that there is nothing to say.
func (w watch) change() *opdv1.QueueChange {
	for {
		update, err := w.stream.Recv()
		insist(err == nil, "%v", err)
		if change := update.GetChange(); change != nil {
			return change
		}
		insist(update.GetHeartbeat() != nil, "%v", update)
	}
}

// end is the error with which the watch ends.
func (w watch) end() error {
	for {
		if _, err := w.stream.Recv(); err != nil {
			return err
		}
	}
}
