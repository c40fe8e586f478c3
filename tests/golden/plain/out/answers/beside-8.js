LaionAnswers("beside-8",JSON.parse('{"artist:Johannes Vermeer":[[["2010",1],["2011",1],["2012",1],["2018",1]],[["example.com",4]],[]]}'));
