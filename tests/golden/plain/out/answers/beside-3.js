LaionAnswers("beside-3",JSON.parse('{"character:Batman":[[["2012",1],["2013",1],["2014",1],["2015",1],["unknown",3]],[["fineartamerica.com",4],["example.com",3]],[]]}'));
