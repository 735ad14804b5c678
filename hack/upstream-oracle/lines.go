package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
)

// question is a List with the number of runs it is asked for.
type question struct {
	Repeat int `json:"repeat"`
}

// reply holds one outcome per run, or why there is none.
type reply struct {
	Runs  []outcome `json:"runs"`
	Error string    `json:"error,omitempty"`
}

// answer reads Lists, one per line, and writes one reply per line; a List that cannot be decided on ends nothing.
func answer(ctx context.Context, in io.Reader, out io.Writer, provider catalogProvider) error {
	scheme := newScheme()
	reader := bufio.NewReader(in)
	encoder := json.NewEncoder(out)
	for {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var asked question
		said := reply{}
		err = json.Unmarshal(line, &asked)
		if err == nil {
			objects, decodeErr := decode(scheme, line)
			completeAll(objects)
			said.Runs, _, err = repeated(ctx, scheme, provider, objects, asked.Repeat)
			err = errors.Join(decodeErr, err)
		}
		if err != nil {
			said = reply{Error: err.Error()}
		}
		if err := encoder.Encode(said); err != nil {
			return err
		}
	}
}
